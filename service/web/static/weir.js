// Refreshes the queue and announces new must-inspect items. Every page works without it.
"use strict";

const EVERY_MILLISECONDS = 15000;
const list = document.getElementById("items");
const news = document.getElementById("news");

function mustInspect(within) {
  return new Set([...within.querySelectorAll("[data-must]")].map((each) => each.dataset.item));
}

function say(words) {
  if (news.textContent !== words) {
    news.textContent = words;
  }
}

function put(page) {
  const before = mustInspect(list);
  const focused = document.activeElement && list.contains(document.activeElement)
    ? document.activeElement.id
    : "";
  const fresh = new DOMParser().parseFromString(page, "text/html").body;
  const added = [...mustInspect(fresh)].filter((item) => !before.has(item));
  list.replaceChildren(...fresh.childNodes);
  const again = focused ? document.getElementById(focused) : null;
  if (again) {
    again.focus({ preventScroll: true });
  }
  if (added.length > 0) {
    const words = added.length === 1 ? "new item must be inspected" : "new items must be inspected";
    say(`${added.length} ${words}.`);
  }
}

async function refresh() {
  try {
    const reply = await fetch(list.dataset.refresh, { cache: "no-store" });
    if (reply.status === 401) {
      say("Your session is over. Sign in again to see the queue as it is now.");
      return;
    }
    if (!reply.ok) {
      say("The queue could not be refreshed; what you see may be old.");
      return;
    }
    put(await reply.text());
  } catch {
    say("There is no connection; what you see may be old.");
  }
}

if (list) {
  setInterval(() => {
    if (document.visibilityState === "visible") {
      refresh();
    }
  }, EVERY_MILLISECONDS);
}
