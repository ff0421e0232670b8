// The results of an inline query, above the line where one writes.

import { fileUrl } from "./api.js";
import { el, formatSize, icon } from "./dom.js";
import { summarise } from "./messages.js";

const PAUSE_MS = 300;

/** `@bot words`, as typed; null for any other text. */
export function readQuery(text) {
  const typed = /^@(\w{3,32})\s([^]*)$/.exec(text);
  return typed && { username: typed[1].toLowerCase(), query: typed[2].trim() };
}

export class InlineResults {
  root = el("div", { class: "menu results", role: "listbox", "aria-label": "Results", hidden: true });
  #actions;
  #asked = "";
  #timer = 0;
  #offer = null;
  #lines = [];
  #picked = 0;

  /** `actions`: ask(username, query, offset) → the bot's offer or null, choose(offer, result), startBot(username, payload). */
  constructor(actions) {
    this.#actions = actions;
    this.root.addEventListener("scroll", () => this.#onScroll());
  }

  get isOpen() {
    return !this.root.hidden;
  }

  /** Follows what is typed: asks after a pause, closes when it is no query any more. */
  follow(text) {
    const wanted = readQuery(text);
    clearTimeout(this.#timer);
    if (!wanted) return this.close();
    const asked = `${wanted.username} ${wanted.query}`;
    if (asked === this.#asked) return undefined;
    this.#asked = asked;
    this.#timer = setTimeout(() => this.#ask(wanted, asked), PAUSE_MS);
    return undefined;
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked = "";
    this.#offer = null;
    this.root.hidden = true;
  }

  pick(step) {
    if (!this.#lines.length) return;
    this.#picked = (this.#picked + step + this.#lines.length) % this.#lines.length;
    this.#lines.forEach((line, index) => line.setAttribute("aria-selected", String(index === this.#picked)));
    this.#lines[this.#picked].scrollIntoView({ block: "nearest" });
  }

  /** Sends the result that is picked; false when there is none. */
  choosePicked() {
    if (!this.isOpen || !this.#lines.length) return false;
    this.#lines[this.#picked].click();
    return true;
  }

  async #ask({ username, query }, asked) {
    this.#lines = [];
    this.#say("Searching…");
    const offer = await this.#actions.ask(username, query, "");
    if (asked !== this.#asked) return undefined;
    this.#offer = offer && { ...offer, username, query };
    if (!offer) return this.close();
    if (!offer.answered) return this.#say("The bot did not answer.");
    this.root.replaceChildren();
    if (offer.button) this.root.append(this.#button(offer.button, username));
    this.#add(offer);
    if (!this.#lines.length && !offer.button) this.#say("Nothing found");
    return this.pick(0);
  }

  #say(text) {
    this.root.hidden = false;
    this.root.replaceChildren(el("p", { class: "dim results-note", role: "status" }, text));
  }

  #add(offer) {
    const lines = offer.results.map((result) => this.#line(offer, result));
    this.#lines.push(...lines);
    this.root.append(...lines);
    this.root.hidden = false;
  }

  /** The next page, once the last line is near. */
  async #onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.root;
    const offer = this.#offer;
    if (!offer?.next_offset || scrollHeight - scrollTop - clientHeight > clientHeight) return;
    this.#offer = { ...offer, next_offset: "" };
    const asked = this.#asked;
    const more = await this.#actions.ask(offer.username, offer.query, offer.next_offset);
    if (asked !== this.#asked || !more?.answered) return;
    this.#offer = { ...more, username: offer.username, query: offer.query };
    this.#add(more);
  }

  #line(offer, result) {
    const { message } = result;
    const texts = el(
      "span",
      { class: "result-texts" },
      el("span", { class: "result-title", dir: "auto" }, result.title ?? summarise(message)),
      el("span", { class: "dim", dir: "auto" }, result.description ?? describe(message)),
    );
    const choose = () => this.#actions.choose(offer, result);
    const properties = { type: "button", class: "menu-line result", role: "option", "aria-selected": "false" };
    return el("button", { ...properties, on: { click: choose } }, picture(message, result.title), texts);
  }

  #button({ text, start_parameter: payload }, username) {
    const start = () => this.#actions.startBot(username, payload);
    return el("button", { type: "button", class: "menu-line results-button", on: { click: start } }, text);
  }
}

function describe(message) {
  const file = message.document ?? message.audio ?? message.video;
  return file ? [file.performer, formatSize(file.file_size)].filter(Boolean).join(" · ") : summarise(message);
}

function picture(message, title) {
  const media = message.video ?? message.animation ?? message.document ?? message.audio;
  const small = message.photo?.[0] ?? media?.thumbnail;
  if (small) return el("img", { class: "result-picture", src: fileUrl(small.file_id), alt: "" });
  const letter = [...(title ?? "")][0]?.toUpperCase();
  return el("span", { class: "result-picture", "aria-hidden": "true" }, media ? icon("attach") : letter ?? "·");
}
