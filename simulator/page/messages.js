// The messages of the open chat: bubbles in order, changed in place when a message is edited.

import { avatar, byId, el, formatDay, formatMoment, formatTime, iconButton } from "./dom.js";
import { renderText } from "./entities.js";
import { renderKeyboard } from "./keyboard.js";
import { isVisual, mediaKey, renderMedia } from "./media.js";
import { tell } from "./service.js";
import { sight } from "./viewer.js";

const NEAR_END_PX = 120;
const FLASH_MS = 1600;
const LONG_PRESS_MS = 500;
const TINTS = 6;

/** What a chat list or a reply quote says about a message, in one line. */
export function summarise(message) {
  const text = message.text ?? message.caption;
  const kinds = { photo: "Photo", animation: "GIF", video: "Video", audio: "Audio", voice: "Voice message", document: "File", sticker: "Sticker" };
  const kind = Object.keys(kinds).find((name) => message[name]);
  const name = message.document?.file_name ?? message.audio?.title ?? (kind ? kinds[kind] : "");
  return (text || name || tell(message) || "Message").replace(/\s+/g, " ");
}

export const textOf = (message) => message.text ?? message.caption ?? "";

export class MessageList {
  #root = byId("messages");
  #toEnd = byId("to-end");
  #actions;
  #me = 0;
  /** Bubbles by key: a message of its own, or an album. */
  #bubbles = new Map();
  /** What was deleted while this chat is open: an answer that was on its way must not bring it back. */
  #gone = new Set();
  #unseen = 0;
  #atEnd = true;
  #scroll = { top: 0, range: 0 };
  #wanted = () => true;
  #labelOf = () => "";

  /** `actions`: openLink, sendCommand, press, switchInline, reply, openMedia, showMessage, showMenu(messages, place). */
  constructor(actions) {
    this.#actions = actions;
    this.#root.addEventListener("scroll", () => this.#onScroll());
    this.#toEnd.addEventListener("click", () => this.scrollToEnd());
    // Pictures that arrive late must not push the newest message out of sight.
    new ResizeObserver(() => this.#keepEnd()).observe(this.#root);
    this.#root.addEventListener("load", () => this.#keepEnd(), true);
    this.#listenForMenus();
  }

  /** Begins anew and empty, for a person; `wanted(message)` says what is shown, `labelOf(message)` what it is marked with. */
  clear(me, { wanted = () => true, labelOf = () => "" } = {}) {
    this.#me = me;
    this.#wanted = wanted;
    this.#labelOf = labelOf;
    this.#bubbles.clear();
    this.#gone.clear();
    this.#root.replaceChildren();
    this.scrollToEnd();
  }

  get ids() {
    return [...this.#bubbles.values()].flatMap((bubble) => [...bubble.messages.keys()]);
  }

  /** All messages that show a picture or a film, in their order. */
  get sights() {
    const messages = [...this.#bubbles.values()].flatMap((bubble) => [...bubble.messages.values()]);
    return messages.filter(sight).sort((a, b) => a.message_id - b.message_id);
  }

  /** The newest message that this person wrote and may change, or null. */
  get lastOwn() {
    const messages = [...this.#bubbles.values()].flatMap((bubble) => [...bubble.messages.values()]);
    return messages.filter((message) => this.#isMine(message) && message.text && !message.via_bot).at(-1) ?? null;
  }

  /** Takes in what was fetched; of the messages shown before the fetch began, those that it has not are gone. */
  update(messages, shownBefore = []) {
    const fetched = new Set(messages.map((message) => message.message_id));
    for (const id of shownBefore) if (!fetched.has(id)) this.remove(id);
    for (const message of messages) this.#put(message);
    this.#keepEnd();
  }

  /** Adds a message or replaces an earlier state of it; a state older than the one shown changes nothing. */
  put(message) {
    const isNew = !this.#find(message.message_id);
    this.#put(message);
    if (isNew && !this.#atEnd && !this.#isMine(message)) this.#unseen += 1;
    if (isNew && this.#isMine(message)) this.scrollToEnd();
    this.#keepEnd();
    this.#showToEnd();
  }

  remove(messageId) {
    this.#gone.add(messageId);
    const bubble = this.#find(messageId);
    if (!bubble) return;
    bubble.messages.delete(messageId);
    if (bubble.messages.size) return this.#draw(bubble);
    const following = bubble.node.nextElementSibling;
    bubble.node.remove();
    this.#bubbles.delete(bubble.key);
    if (following) this.#markDay(following);
    return undefined;
  }

  /** Scrolls to a message and marks it for a moment; false when it is not there. */
  scrollTo(messageId) {
    const bubble = this.#find(messageId);
    if (!bubble) return false;
    this.#atEnd = false;
    bubble.node.scrollIntoView({ block: "center" });
    bubble.node.classList.add("flash");
    setTimeout(() => bubble.node.classList.remove("flash"), FLASH_MS);
    return true;
  }

  scrollToEnd() {
    this.#root.scrollTop = this.#root.scrollHeight;
    this.#atEnd = true;
    this.#unseen = 0;
    this.#showToEnd();
  }

  #put(message) {
    if (this.#gone.has(message.message_id) || !this.#wanted(message)) return;
    const key = message.media_group_id ? `album-${message.media_group_id}` : `message-${message.message_id}`;
    let bubble = this.#bubbles.get(key);
    if (bubble) {
      const known = bubble.messages.get(message.message_id);
      if (known && known.version >= message.version) return;
      bubble.messages.set(message.message_id, message);
      this.#draw(bubble);
      return;
    }
    bubble = { key, messages: new Map([[message.message_id, message]]), node: el("article", { class: "entry", tabIndex: -1 }) };
    this.#bubbles.set(key, bubble);
    this.#draw(bubble);
    this.#place(bubble.node, message);
  }

  /** Most messages are the newest; one that is not is put where its id says. */
  #place(node, message) {
    node.dataset.order = message.message_id;
    node.dataset.date = message.date;
    let before = this.#root.lastElementChild;
    while (before && Number(before.dataset.order) > message.message_id) before = before.previousElementSibling;
    if (before) before.after(node);
    else this.#root.prepend(node);
    this.#markDay(node);
    if (node.nextElementSibling) this.#markDay(node.nextElementSibling);
  }

  /** The day above its first message, and whether the message goes on what the same person said before it. */
  #markDay(node) {
    const day = formatDay(Number(node.dataset.date));
    const previous = node.previousElementSibling;
    const sameDay = previous && formatDay(Number(previous.dataset.date)) === day;
    if (sameDay) delete node.dataset.day;
    else node.dataset.day = day;
    node.classList.toggle("goes-on", Boolean(sameDay) && previous.dataset.from === node.dataset.from);
  }

  #draw(bubble) {
    const messages = [...bubble.messages.values()].sort((a, b) => a.message_id - b.message_id);
    const { node } = bubble;
    const focused = [...node.querySelectorAll(".key")].indexOf(document.activeElement);
    node.dataset.message = messages[0].message_id;
    node.dataset.from = tell(messages[0]) ? "" : messages[0].from?.id ?? "";
    const goesOn = node.classList.contains("goes-on") ? "goes-on" : "";
    if (tell(messages[0])) {
      node.className = "entry service";
      node.replaceChildren(el("p", { class: "service-line", dir: "auto" }, tell(messages[0])));
      return;
    }
    const mine = this.#isMine(messages[0]);
    const content = renderBubble(messages, node, this.#actions, { label: this.#labelOf(messages[0]), mine });
    node.className = `entry ${mine ? "mine" : "theirs"} ${messages[0].chat.type === "channel" ? "post" : ""} ${goesOn}`;
    node.replaceChildren(...faceOf(messages[0], mine), content, renderTools(messages, this.#actions));
    if (focused >= 0) node.querySelectorAll(".key")[focused]?.focus();
  }

  #isMine(message) {
    return message.from?.id === this.#me && message.chat.type !== "channel";
  }

  #find(messageId) {
    return [...this.#bubbles.values()].find((bubble) => bubble.messages.has(messageId));
  }

  // --- menus and keys

  #listenForMenus() {
    const root = this.#root;
    root.addEventListener("contextmenu", (event) => this.#onContextMenu(event));
    root.addEventListener("keydown", (event) => this.#onKey(event));
    let timer = 0;
    const end = () => clearTimeout(timer);
    root.addEventListener("pointerdown", (event) => {
      end();
      if (event.pointerType !== "touch") return;
      timer = setTimeout(() => this.#openMenu(event.target, { x: event.clientX, y: event.clientY }), LONG_PRESS_MS);
    });
    for (const name of ["pointerup", "pointermove", "pointercancel", "scroll"]) root.addEventListener(name, end);
  }

  #onContextMenu(event) {
    if (event.target.closest("a, video, audio, input") || !getSelection().isCollapsed) return;
    if (this.#openMenu(event.target, { x: event.clientX, y: event.clientY })) event.preventDefault();
  }

  /** The menu of the message that a node belongs to; false when there is none. */
  #openMenu(node, place) {
    const entry = node.closest?.(".entry:not(.service)");
    const bubble = entry && this.#find(Number(entry.dataset.message));
    if (!bubble) return false;
    this.#actions.showMenu([...bubble.messages.values()], place);
    return true;
  }

  /** Up and down go from message to message, Enter and the menu key ask what can be done with one. */
  #onKey(event) {
    const entry = event.target.closest?.(".entry");
    const onEntry = entry === event.target;
    if (event.target !== this.#root && !onEntry) return;
    const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
    if (step) {
      const next = onEntry ? entry[step] : event.key === "ArrowUp" ? this.#root.lastElementChild : null;
      if (!next) return;
      next.focus();
    } else if (onEntry && (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) {
      const { left, top } = entry.querySelector(".bubble")?.getBoundingClientRect() ?? entry.getBoundingClientRect();
      this.#openMenu(entry, { x: left + 24, y: Math.max(top, 60) + 24 });
    } else return;
    event.preventDefault();
  }

  // --- scrolling

  /** Only the person leaves the end, by scrolling up; content that grows or a window that shrinks does not. */
  #onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.#root;
    const range = scrollHeight - clientHeight;
    const wentUp = scrollTop < this.#scroll.top && range === this.#scroll.range;
    if (range - scrollTop < NEAR_END_PX) this.#atEnd = true;
    else if (wentUp) this.#atEnd = false;
    this.#scroll = { top: scrollTop, range };
    if (this.#atEnd) this.#unseen = 0;
    this.#showToEnd();
  }

  #keepEnd() {
    if (this.#atEnd) this.#root.scrollTop = this.#root.scrollHeight;
  }

  #showToEnd() {
    this.#toEnd.hidden = this.#atEnd;
    this.#toEnd.textContent = this.#unseen ? `↓ ${this.#unseen}` : "↓";
  }
}

const isGroup = (chat) => chat.type === "group" || chat.type === "supergroup";
const tintOf = (id) => Math.abs(Number(id)) % TINTS;

/** The picture of who wrote, beside others' messages in groups. */
function faceOf(message, mine) {
  return isGroup(message.chat) && !mine ? [avatar(message.from.id, message.from.first_name, "face")] : [];
}

/** One bubble with its keyboard; media elements of the old node are used again, so that what plays goes on. */
function renderBubble(messages, old, actions, { label, mine }) {
  const [first] = messages;
  const told = messages.find(textOf) ?? first;
  const text = textOf(told);
  const visual = messages.every(isVisual);
  const bubble = el("div", { class: `bubble ${visual ? "visual-only" : ""} ${text ? "" : "no-text"}` });
  bubble.append(...renderHeadings(first, actions, label, mine));
  const media = messages.map((message) => keepOrRender(message, old, actions, visual && messages.length > 1)).filter(Boolean);
  if (media.length > 1) bubble.append(el("div", { class: visual ? `album album-${Math.min(media.length, 4)}` : "pile" }, media));
  else bubble.append(...media);
  const line = el("div", { class: "text", dir: "auto" }, renderText(text, told.entities ?? told.caption_entities, actions));
  line.append(renderMeta(messages.at(-1)));
  bubble.append(line);
  const keys = renderKeyboard(first, actions);
  return el("div", { class: `bubble-and-keys ${keys ? "has-keys" : ""}` }, bubble, keys);
}

/** What stands above the content: who wrote it, via which bot, where it comes from, what it answers. */
function renderHeadings(message, actions, label, mine) {
  const headings = [];
  const { chat, via_bot: bot, forward_origin: origin } = message;
  const author = authorOf(message, mine);
  if (author || label) {
    const who = el("span", { class: `author ink-${tintOf(message.from?.id ?? chat.id)}`, dir: "auto" }, author);
    headings.push(el("div", { class: "heading" }, who, label ? el("span", { class: "in-topic" }, `# ${label}`) : null));
  }
  if (bot) headings.push(el("div", { class: "origin" }, `via @${bot.username}`));
  if (origin) headings.push(renderOrigin(origin, actions));
  if (message.reply_to_message) headings.push(renderQuote(message.reply_to_message, actions));
  return headings;
}

/** Whose message it is, where that is not clear without saying. */
function authorOf(message, mine) {
  if (message.chat.type === "channel") return message.sender_chat?.title ?? message.chat.title;
  return isGroup(message.chat) && !mine ? message.from.first_name : "";
}

function renderOrigin(origin, actions) {
  const name = origin.sender_user?.first_name ?? origin.sender_user_name ?? origin.chat?.title ?? origin.sender_chat?.title ?? "";
  const words = ["Forwarded from ", el("bdi", {}, name)];
  if (origin.type !== "channel") return el("div", { class: "origin" }, words);
  const open = () => actions.openPost(origin.chat.id, origin.message_id);
  return el("button", { type: "button", class: "origin", on: { click: open } }, words);
}

function keepOrRender(message, old, actions, inAlbum) {
  const name = mediaKey(message);
  if (!name) return null;
  const key = inAlbum ? `${name} small` : name;
  const kept = [...old.querySelectorAll(".media")].find((node) => node.dataset.key === key);
  return kept ?? el("div", { class: "media", data: { key } }, renderMedia(message, actions.openMedia, { inAlbum }));
}

function renderQuote(message, actions) {
  const name = message.from?.first_name ?? message.sender_chat?.title ?? message.chat.title ?? "";
  const show = { type: "button", class: "reply-quote", on: { click: () => actions.showMessage(message.message_id) } };
  return el("button", show, el("span", { class: "reply-name", dir: "auto" }, name), el("span", { class: "reply-text", dir: "auto" }, summarise(message)));
}

function renderMeta(message) {
  const when = el("time", { title: formatMoment(message.edit_date ?? message.date) }, formatTime(message.date));
  return el("span", { class: "meta" }, message.edit_date ? el("span", { class: "edited" }, "edited ") : null, when);
}

function renderTools(messages, actions) {
  const more = iconButton("more", "More", () => {
    const { left, top } = more.getBoundingClientRect();
    actions.showMenu(messages, { x: left, y: top });
  }, "tool-more");
  const reply = actions.mayReply(messages[0]) ? iconButton("reply", "Reply", () => actions.reply(messages[0])) : null;
  return el("div", { class: "tools" }, reply, more);
}
