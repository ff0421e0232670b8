// Where the person writes: text, commands, replies, files.

import { askBeforeSending } from "./dialogs.js";
import { byId, el, iconButton } from "./dom.js";
import { summarise } from "./messages.js";

const MAX_LINES_PX = 180;

export class Composer {
  #root = byId("composer");
  #actions;
  #replyTo = null;
  #commands = [];
  #picked = 0;

  #quote = el("div", { class: "answering", hidden: true });
  #menu = el("div", { class: "menu", role: "listbox", "aria-label": "Commands", hidden: true });
  #files = el("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files" });
  #input = el("textarea", { rows: 1, placeholder: "Message", "aria-label": "Message", enterKeyHint: "send" });
  #start = el("button", { type: "button", class: "primary start" }, "Start");
  #note = el("p", { class: "note" });
  #line;

  /** `actions`: sendText(text, replyTo), sendFiles(files, kinds, caption). */
  constructor(actions) {
    this.#actions = actions;
    const commands = iconButton("menu", "Commands", () => this.#toggleMenu(), "commands");
    const attach = iconButton("attach", "Attach files", () => this.#files.click());
    const send = iconButton("send", "Send", () => this.#send(), "send");
    this.#line = el("div", { class: "line" }, commands, this.#input, attach, send);
    this.#root.append(this.#menu, this.#quote, this.#files, this.#line, this.#start, this.#note);
    this.#listen();
  }

  /** `commands` are the bot's; `started` is false until the person has written; `note` replaces everything else. */
  show({ commands, started, note }) {
    this.#root.hidden = false;
    this.#commands = commands;
    this.#line.hidden = Boolean(note) || !started;
    this.#start.hidden = Boolean(note) || started;
    this.#note.hidden = !note;
    this.#note.textContent = note ?? "";
    this.#line.classList.toggle("no-commands", !commands.length);
  }

  /** Forgets what was begun: another chat is shown. */
  clear() {
    this.#input.value = "";
    this.setReply(null);
    this.#closeMenu();
    this.#grow();
  }

  setReply(message) {
    this.#replyTo = message;
    this.#quote.hidden = !message;
    if (!message) return;
    const cancel = iconButton("close", "Do not reply", () => this.setReply(null));
    this.#quote.replaceChildren(el("span", { class: "reply-text" }, summarise(message)), cancel);
    this.#input.focus();
  }

  focus() {
    if (!this.#line.hidden) this.#input.focus();
  }

  async offerFiles(files) {
    if (!files.length || this.#line.hidden) return;
    const choice = await askBeforeSending(files, this.#input.value.trim());
    if (!choice) return;
    this.clear();
    await this.#actions.sendFiles(files, choice.kinds, choice.caption);
  }

  #listen() {
    this.#start.addEventListener("click", () => this.#actions.sendText("/start"));
    this.#input.addEventListener("input", () => this.#onInput());
    this.#input.addEventListener("keydown", (event) => this.#onKey(event));
    this.#input.addEventListener("paste", (event) => this.#onPaste(event));
    this.#files.addEventListener("change", () => {
      const files = [...this.#files.files];
      this.#files.value = "";
      this.offerFiles(files);
    });
  }

  #onInput() {
    this.#grow();
    const typed = /^\/(\w*)$/.exec(this.#input.value);
    if (typed) this.#openMenu(typed[1].toLowerCase());
    else this.#closeMenu();
  }

  #onKey(event) {
    if (event.isComposing) return;
    const open = !this.#menu.hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) this.#pick(event.key === "ArrowDown" ? 1 : -1);
    else if (open && event.key === "Tab") this.#fill(this.#menu.children[this.#picked].dataset.command);
    else if (event.key === "Escape") this.#escape();
    else if (event.key === "Enter" && !event.shiftKey) this.#enter();
    else return;
    event.preventDefault();
  }

  #onPaste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.offerFiles(files);
  }

  #enter() {
    const whole = this.#commands.some(({ command }) => this.#input.value === `/${command}`);
    if (this.#menu.hidden || whole) this.#send();
    else this.#choose(this.#menu.children[this.#picked].dataset.command);
  }

  #escape() {
    if (this.#menu.hidden) this.setReply(null);
    this.#closeMenu();
  }

  #send() {
    const text = this.#input.value.trim();
    if (!text) return;
    const replyTo = this.#replyTo?.message_id;
    this.clear();
    this.#actions.sendText(text, replyTo);
  }

  #grow() {
    this.#input.style.height = "";
    if (this.#input.value) this.#input.style.height = `${Math.min(this.#input.scrollHeight, MAX_LINES_PX)}px`;
  }

  #toggleMenu() {
    if (this.#menu.hidden) this.#openMenu("");
    else this.#closeMenu();
    this.#input.focus();
  }

  #openMenu(prefix) {
    const fitting = this.#commands.filter(({ command }) => command.startsWith(prefix));
    this.#menu.hidden = !fitting.length;
    this.#picked = 0;
    this.#menu.replaceChildren(...fitting.map((entry) => this.#menuLine(entry)));
    this.#pick(0);
  }

  #menuLine({ command, description }) {
    const properties = { type: "button", class: "menu-line", role: "option", data: { command: `/${command}` } };
    const texts = [el("span", { class: "menu-command" }, `/${command}`), el("span", { class: "dim" }, description)];
    return el("button", { ...properties, on: { click: () => this.#choose(`/${command}`) } }, texts);
  }

  #pick(step) {
    const lines = [...this.#menu.children];
    if (!lines.length) return;
    this.#picked = (this.#picked + step + lines.length) % lines.length;
    lines.forEach((line, index) => line.setAttribute("aria-selected", String(index === this.#picked)));
    lines[this.#picked].scrollIntoView({ block: "nearest" });
  }

  #fill(command) {
    this.#input.value = `${command} `;
    this.#closeMenu();
  }

  #choose(command) {
    this.clear();
    this.#actions.sendText(command);
    this.#input.focus();
  }

  #closeMenu() {
    this.#menu.hidden = true;
  }
}
