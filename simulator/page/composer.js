// Where the person writes: text, commands, replies, changes, files, inline queries.

import { askBeforeSending } from "./dialogs.js";
import { byId, el, icon, iconButton } from "./dom.js";
import { InlineResults } from "./inline.js";
import { summarise } from "./messages.js";

const MAX_LINES_PX = 180;

export class Composer {
  #root = byId("composer");
  #actions;
  #replyTo = null;
  #editing = null;
  /** What was being written when a change of another message began. */
  #before = "";
  #commands = [];
  #picked = 0;

  #quote = el("div", { class: "answering", hidden: true });
  #menu = el("div", { class: "menu", role: "listbox", "aria-label": "Commands", hidden: true });
  #results;
  #files = el("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files" });
  #input = el("textarea", { rows: 1, placeholder: "Message", "aria-label": "Message", enterKeyHint: "send", dir: "auto" });
  #start = el("button", { type: "button", class: "primary start" }, "Start");
  #note = el("p", { class: "note" });
  #line;

  /**
   * `actions`: sendText(text, replyTo), editText(message, text), sendFiles(files, choice, replyTo), keepDraft(text),
   * editLast(), and those of inline results: ask, choose(offer, result, replyTo), startBot.
   */
  constructor(actions) {
    this.#actions = actions;
    this.#results = new InlineResults({ ...actions, choose: (offer, result) => this.#chooseResult(offer, result) });
    const commands = iconButton("menu", "Commands", () => this.#toggleMenu(), "commands");
    const attach = iconButton("attach", "Attach files", () => this.#files.click());
    const send = iconButton("send", "Send", () => this.#send(), "send");
    this.#line = el("div", { class: "line" }, commands, this.#input, attach, send);
    this.#root.append(this.#menu, this.#results.root, this.#quote, this.#files, this.#line, this.#start, this.#note);
    this.#listen();
  }

  /** `commands` are the bots'; `started` is false until the person has written; `note` replaces everything else. */
  show({ commands, started, note }) {
    this.#root.hidden = false;
    this.#commands = commands;
    this.#line.hidden = Boolean(note) || !started;
    this.#start.hidden = Boolean(note) || started;
    this.#note.hidden = !note;
    this.#note.textContent = note ?? "";
    this.#line.classList.toggle("no-commands", !commands.length);
    if (note) this.#answer(null);
  }

  /** Another chat is shown: begins with what was left there. */
  begin(draft) {
    this.#answer(null);
    this.#set(draft);
    this.#closeMenu();
    this.#results.close();
  }

  setReply(message) {
    if (this.#editing) this.#set(this.#before);
    this.#answer({ message, icon: "reply" });
    this.#replyTo = message;
    this.#input.focus();
  }

  /** Changes a text of one's own. */
  setEdit(message) {
    if (!this.#editing) this.#before = this.#input.value;
    this.#answer({ message, icon: "edit" });
    this.#editing = message;
    this.#set(message.text);
    this.#input.focus();
  }

  /** Types for the person, who goes on from there. */
  type(text) {
    this.#set(text);
    this.#onInput();
    this.focus();
  }

  /** The line above the input: what is answered or changed; null for nothing. */
  #answer(about) {
    this.#replyTo = null;
    this.#editing = null;
    this.#quote.hidden = !about;
    if (!about) return;
    const label = about.icon === "edit" ? "Do not change it" : "Do not reply";
    const name = about.icon === "edit" ? "Change the message" : about.message.from?.first_name ?? about.message.chat.title ?? "";
    const texts = el("span", { class: "answering-texts" }, el("span", { class: "reply-name", dir: "auto" }, name), el("span", { class: "reply-text", dir: "auto" }, summarise(about.message)));
    const cancel = iconButton("close", label, () => this.#stopAnswering());
    this.#quote.replaceChildren(icon(about.icon), texts, cancel);
  }

  #stopAnswering() {
    if (this.#editing) this.#set(this.#before);
    this.#answer(null);
    this.#input.focus();
  }

  #set(text) {
    this.#input.value = text;
    this.#grow();
  }

  /** Everything that was typed is on its way. */
  #done() {
    this.#set(this.#editing ? this.#before : "");
    if (!this.#editing) this.#actions.keepDraft("");
    this.#answer(null);
    this.#closeMenu();
    this.#results.close();
  }

  focus() {
    if (!this.#line.hidden) this.#input.focus();
  }

  async offerFiles(files) {
    if (!files.length || this.#line.hidden) return;
    const choice = await askBeforeSending(files, this.#editing ? "" : this.#input.value.trim());
    if (!choice) return;
    const replyTo = this.#replyTo?.message_id;
    this.#done();
    await this.#actions.sendFiles(files, choice, replyTo);
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
    if (!this.#editing) this.#actions.keepDraft(this.#input.value);
    const typed = /^\/(\w*)$/.exec(this.#input.value);
    if (typed) this.#openMenu(typed[1].toLowerCase());
    else this.#closeMenu();
    this.#results.follow(this.#editing ? "" : this.#input.value);
  }

  #onKey(event) {
    if (event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step && this.#results.isOpen) this.#results.pick(step);
    else if (step && !this.#menu.hidden) this.#pick(step);
    else if (event.key === "ArrowUp" && !this.#input.value) this.#actions.editLast();
    else if (event.key === "Tab" && !this.#menu.hidden) this.#fill(this.#menu.children[this.#picked].dataset.command);
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
    const whole = this.#commands.some((command) => this.#input.value === written(command));
    if (this.#results.choosePicked()) return;
    if (this.#menu.hidden || whole) this.#send();
    else this.#choose(this.#menu.children[this.#picked].dataset.command);
  }

  #escape() {
    if (this.#results.isOpen) this.#results.close();
    else if (this.#menu.hidden) this.#stopAnswering();
    this.#closeMenu();
  }

  #send() {
    const text = this.#input.value.trim();
    if (!text) return;
    const edited = this.#editing;
    const replyTo = this.#replyTo?.message_id;
    this.#done();
    if (edited) this.#actions.editText(edited, text);
    else this.#actions.sendText(text, replyTo);
  }

  #chooseResult(offer, result) {
    const replyTo = this.#replyTo?.message_id;
    this.#done();
    this.#input.focus();
    return this.#actions.choose(offer, result, replyTo);
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

  #menuLine(entry) {
    const text = written(entry);
    const properties = { type: "button", class: "menu-line", role: "option", data: { command: text } };
    const texts = [el("span", { class: "menu-command" }, `/${entry.command}`), el("span", { class: "dim", dir: "auto" }, entry.description)];
    return el("button", { ...properties, on: { click: () => this.#choose(text) } }, texts);
  }

  #pick(step) {
    const lines = [...this.#menu.children];
    if (!lines.length) return;
    this.#picked = (this.#picked + step + lines.length) % lines.length;
    lines.forEach((line, index) => line.setAttribute("aria-selected", String(index === this.#picked)));
    lines[this.#picked].scrollIntoView({ block: "nearest" });
  }

  #fill(command) {
    this.#set(`${command} `);
    this.#closeMenu();
  }

  #choose(command) {
    const replyTo = this.#replyTo?.message_id;
    this.#done();
    this.#actions.sendText(command, replyTo);
    this.#input.focus();
  }

  #closeMenu() {
    this.#menu.hidden = true;
  }
}

/** A command as it is sent: in a group with the name of its bot. */
const written = ({ command, bot }) => `/${command}${bot ? `@${bot}` : ""}`;
