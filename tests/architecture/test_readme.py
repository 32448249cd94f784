"""The README's outputs can be made again by one command."""

from pathlib import Path

from tests.readme import Shell, cut_like, rewritten


def test_an_output_is_cut_where_it_was_cut_before() -> None:
    assert cut_like("a\n…\nz\n", "1\n2\n3\n4\n") == "1\n…\n4\n"
    assert cut_like("a\n…\n", "1\n2\n3\n") == "1\n…\n"
    assert cut_like("a\nb\n", "1\n2\n3\n") == "1\n2\n3\n"


def test_every_output_of_the_readme_is_replaced_and_nothing_else() -> None:
    text = (
        "The first prints (progress bars left out):\n\n```text\nold\n```\n\nWords.\n\n"
        "```console\n$ one\nold\n$ two\nolder\n```\n\n```json\nkept\n```\n"
    )
    ran = []

    def run(command: str, before: str) -> str:
        ran.append((command, before))
        return f"{command} anew\n"

    assert rewritten(text, run) == text.replace(
        "old\n```\n\nW", "weir-train demo anew\n```\n\nW"
    ).replace("one\nold\n", "one\none anew\n").replace("two\nolder\n", "two\ntwo anew\n")
    assert ran == [("weir-train demo", "old\n"), ("one", "old\n"), ("two", "older\n")]


def test_commands_share_one_shell_and_its_folder(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    try:
        assert shell.run("cat note.json", "{}\n") == "{}\n"
        assert shell.run("export NOTE=note.json", "") == ""
        assert shell.run("ls $NOTE", "") == "note.json\n"
        assert shell.run("echo weir_00aa_se-cret $HOME", "") == "weir_00aa_… /home/me\n"
    finally:
        shell.close()
