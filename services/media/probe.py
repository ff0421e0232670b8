"""Says in JSON what a file is: `python -m services.media.probe PATH [NAME]`.

One line with the facts, then, when a NAME is given, one with the title. Two lines, because a strange name or tag that
stops the second shall not cost the first. No line: a document. The kinds are words here and in the other children:
the models would double the time they take to start, and who reads their lines checks them anyway.
"""

import json
import sys
from pathlib import Path

from services.media.formats import begins_like_a_picture


def main(arguments: list[str]) -> None:
    path = Path(arguments[0])
    facts = facts_of(path)
    if facts is None:
        return
    say(facts)
    if len(arguments) > 1:
        say(titles(path, arguments[1], str(facts["kind"])))


def say(facts: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def facts_of(path: Path) -> dict[str, object] | None:
    # only what is needed is imported: that takes longer than the looking
    if begins_like_a_picture(path):
        from services.media.images import image_facts

        facts = image_facts(path)
        if facts is not None:
            return facts
    from services.media.playing import media_facts

    return media_facts(path)


def titles(path: Path, name: str, kind: str) -> dict[str, object]:
    # imported once the facts are out, and only what is needed: guessit takes as long as all the rest
    if kind == "audio":
        from services.media.tag_reader import tags_of_audio

        return tags_of_audio(path)
    if kind == "video":
        from services.media.titles import names_of_video

        return names_of_video(name)
    return {}


if __name__ == "__main__":
    main(sys.argv[1:])
