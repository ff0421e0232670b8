// The line above the messages: whose chat it is, and whether they are typing.

import { chatName } from "./chats.js";
import { avatar, byId, el, iconButton } from "./dom.js";

const TYPING_MS = 5500;
const DOING = {
  upload_photo: "sending a photo…",
  upload_video: "sending a video…",
  upload_voice: "sending audio…",
  upload_document: "sending a file…",
};

export class Head {
  #root = byId("room-head");
  #line = el("p", { class: "dim" });
  #chat = null;
  #timer = 0;
  #actions;

  /** `actions`: leave(), toggleBlock(chat), showInfo(chat). */
  constructor(actions) {
    this.#actions = actions;
  }

  show(chat) {
    const again = chat.id === this.#chat?.id && !this.#root.hidden;
    this.#chat = chat;
    const name = chatName(chat);
    const back = iconButton("back", "Back to the chats", () => this.#actions.leave(), "back");
    const titles = el("div", { class: "room-titles" }, el("h2", { dir: "auto" }, name), this.#line);
    this.#root.replaceChildren(back, avatar(chat.id, name, "small"), titles, this.#button());
    this.#root.hidden = false;
    if (!again) this.endAction();
  }

  hide() {
    this.#root.hidden = true;
  }

  /** What a bot does, by the Bot API's name of the action; it goes away by itself, as in Telegram. */
  showAction(action, who) {
    clearTimeout(this.#timer);
    const doing = DOING[action] ?? "typing…";
    this.#line.textContent = this.#chat.type === "private" ? doing : `${who} is ${doing}`;
    this.#line.classList.add("typing");
    this.#timer = setTimeout(() => this.endAction(), TYPING_MS);
  }

  endAction() {
    clearTimeout(this.#timer);
    this.#line.textContent = about(this.#chat);
    this.#line.classList.remove("typing");
  }

  #button() {
    if (this.#chat.type !== "private") return iconButton("group", "Members", () => this.#actions.showInfo(this.#chat));
    const label = this.#chat.blocked ? "Unblock this bot" : "Block this bot";
    const toggle = () => this.#actions.toggleBlock(this.#chat);
    return iconButton("block", label, toggle, this.#chat.blocked ? "on" : "");
  }
}

const KINDS = { channel: "channel", supergroup: "group", group: "basic group" };

function about(chat) {
  if (chat.type === "private") return "bot";
  const kind = chat.is_forum ? "group with topics" : KINDS[chat.type];
  return [kind, chat.username && `@${chat.username}`, `${chat.members} members`].filter(Boolean).join(" · ");
}
