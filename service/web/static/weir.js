// Refreshes the queue and announces what cannot wait and is new. Every page works without it.
"use strict";

const EVERY_MILLISECONDS = 15000;
const list = document.getElementById("items");
const news = document.getElementById("news");

const ALERTS = [
  ["must", "new item must be inspected", "new items must be inspected"],
  ["severe", "new item is of very high risk", "new items are of very high risk"],
  ["late", "item leaves soon", "items leave soon"],
];

function alerted(within, alert) {
  const places = [...within.querySelectorAll(`[data-${alert}]`)];
  return new Map(places.map((each) => [each.dataset.item, each.querySelector("h2").textContent]));
}

function added(fresh) {
  return ALERTS.flatMap(([alert, one, several]) => {
    const before = alerted(list, alert);
    const names = [...alerted(fresh, alert)]
      .filter(([item]) => !before.has(item))
      .map(([, name]) => name);
    const words = names.length === 1 ? one : several;
    return names.length === 0 ? [] : [`${names.length} ${words}: ${names.join("; ")}.`];
  });
}

function say(words) {
  if (news.textContent !== words) {
    news.textContent = words;
  }
}

function put(page) {
  const focused = document.activeElement && list.contains(document.activeElement)
    ? document.activeElement.id
    : "";
  const fresh = new DOMParser().parseFromString(page, "text/html").body;
  const words = added(fresh);
  list.replaceChildren(...fresh.childNodes);
  const again = focused ? document.getElementById(focused) : null;
  if (again) {
    again.focus({ preventScroll: true });
  }
  if (words.length > 0) {
    // a new node is announced even where it says what the last one said
    news.replaceChildren(document.createTextNode(words.join(" ")));
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
