// The messages of the open chat: bubbles in order, changed in place when a message is edited.

import { byId, el, formatDay, formatMoment, formatTime, iconButton } from "./dom.js";
import { renderText } from "./entities.js";
import { renderKeyboard } from "./keyboard.js";
import { isVisual, mediaKey, renderMedia } from "./media.js";

const NEAR_END_PX = 120;
const FLASH_MS = 1600;

/** What a chat list or a reply quote says about a message, in one line. */
export function summarise(message) {
  const text = message.text ?? message.caption;
  const kinds = { photo: "Photo", animation: "GIF", video: "Video", audio: "Audio", voice: "Voice message", document: "File", sticker: "Sticker" };
  const kind = Object.keys(kinds).find((name) => message[name]);
  const name = message.document?.file_name ?? message.audio?.title ?? (kind ? kinds[kind] : "");
  return (text || name || "Message").replace(/\s+/g, " ");
}

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

  /** `actions`: openLink, sendCommand, press, reply, remove. */
  constructor(actions) {
    this.#actions = actions;
    this.#root.addEventListener("scroll", () => this.#onScroll());
    this.#toEnd.addEventListener("click", () => this.scrollToEnd());
    // Pictures that arrive late must not push the newest message out of sight.
    new ResizeObserver(() => this.#keepEnd()).observe(this.#root);
    this.#root.addEventListener("load", () => this.#keepEnd(), true);
  }

  /** Begins anew and empty, for the person with this id. */
  clear(me) {
    this.#me = me;
    this.#bubbles.clear();
    this.#gone.clear();
    this.#root.replaceChildren();
    this.scrollToEnd();
  }

  get ids() {
    return [...this.#bubbles.values()].flatMap((bubble) => [...bubble.messages.keys()]);
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
    if (this.#gone.has(message.message_id)) return;
    const key = message.media_group_id ? `album-${message.media_group_id}` : `message-${message.message_id}`;
    let bubble = this.#bubbles.get(key);
    if (bubble) {
      const known = bubble.messages.get(message.message_id);
      if (known && known.version >= message.version) return;
      bubble.messages.set(message.message_id, message);
      this.#draw(bubble);
      return;
    }
    bubble = { key, messages: new Map([[message.message_id, message]]), node: el("article", { class: "entry" }) };
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

  #markDay(node) {
    const day = formatDay(Number(node.dataset.date));
    const previous = node.previousElementSibling;
    if (previous && formatDay(Number(previous.dataset.date)) === day) delete node.dataset.day;
    else node.dataset.day = day;
  }

  #draw(bubble) {
    const messages = [...bubble.messages.values()].sort((a, b) => a.message_id - b.message_id);
    const mine = this.#isMine(messages[0]);
    const channel = messages[0].chat.type === "channel";
    const focused = [...bubble.node.querySelectorAll(".key")].indexOf(document.activeElement);
    const content = renderBubble(messages, bubble.node, this.#actions);
    bubble.node.className = `entry ${mine ? "mine" : "theirs"} ${channel ? "post" : ""}`;
    bubble.node.dataset.message = messages[0].message_id;
    bubble.node.replaceChildren(content, renderTools(messages[0], this.#actions));
    if (focused >= 0) bubble.node.querySelectorAll(".key")[focused]?.focus();
  }

  #isMine(message) {
    return message.from?.id === this.#me && message.chat.type !== "channel";
  }

  #find(messageId) {
    return [...this.#bubbles.values()].find((bubble) => bubble.messages.has(messageId));
  }

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

/** One bubble with its keyboard; media elements of the old node are used again, so that what plays goes on. */
function renderBubble(messages, old, actions) {
  const [first] = messages;
  const told = messages.find((message) => message.text ?? message.caption) ?? first;
  const text = told.text ?? told.caption ?? "";
  const visual = messages.every(isVisual);
  const bubble = el("div", { class: `bubble ${visual ? "visual-only" : ""} ${text ? "" : "no-text"}` });
  if (first.chat.type === "channel") bubble.append(el("div", { class: "author" }, first.sender_chat?.title ?? first.chat.title));
  if (first.reply_to_message) bubble.append(renderQuote(first.reply_to_message, actions));
  const media = messages.map((message) => keepOrRender(message, old)).filter(Boolean);
  if (media.length > 1) bubble.append(el("div", { class: visual ? `album album-${Math.min(media.length, 4)}` : "pile" }, media));
  else bubble.append(...media);
  const line = el("div", { class: "text", dir: "auto" }, renderText(text, told.entities ?? told.caption_entities, actions));
  line.append(renderMeta(messages.at(-1)));
  bubble.append(line);
  return el("div", { class: "bubble-and-keys" }, bubble, renderKeyboard(first, actions));
}

function keepOrRender(message, old) {
  const key = mediaKey(message);
  if (!key) return null;
  const kept = [...old.querySelectorAll(".media")].find((node) => node.dataset.key === key);
  return kept ?? el("div", { class: "media", data: { key } }, renderMedia(message));
}

function renderQuote(message, actions) {
  const name = message.from?.first_name ?? message.sender_chat?.title ?? message.chat.title ?? "";
  const show = { type: "button", class: "reply-quote", on: { click: () => actions.showMessage(message.message_id) } };
  return el("button", show, el("span", { class: "reply-name" }, name), el("span", { class: "reply-text" }, summarise(message)));
}

function renderMeta(message) {
  const when = el("time", { title: formatMoment(message.edit_date ?? message.date) }, formatTime(message.date));
  return el("span", { class: "meta" }, message.edit_date ? el("span", { class: "edited" }, "edited ") : null, when);
}

function renderTools(message, actions) {
  const reply = message.chat.type === "private" ? iconButton("reply", "Reply", () => actions.reply(message)) : null;
  const remove = iconButton("remove", "Delete", () => actions.remove(message));
  return el("div", { class: "tools" }, reply, remove);
}
