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

  /** `actions`: leave(), toggleBlock(chat). */
  constructor(actions) {
    this.#actions = actions;
  }

  show(chat) {
    this.#chat = chat;
    const name = chatName(chat);
    const back = iconButton("back", "Back to the chats", () => this.#actions.leave(), "back");
    const titles = el("div", { class: "room-titles" }, el("h2", { dir: "auto" }, name), this.#line);
    this.#root.replaceChildren(back, avatar(chat.id, name, "small"), titles, this.#blockButton());
    this.#root.hidden = false;
    this.endAction();
  }

  hide() {
    this.#root.hidden = true;
  }

  /** What they do, by the Bot API's name of the action; it goes away by itself, as in Telegram. */
  showAction(action) {
    clearTimeout(this.#timer);
    this.#line.textContent = DOING[action] ?? "typing…";
    this.#line.classList.add("typing");
    this.#timer = setTimeout(() => this.endAction(), TYPING_MS);
  }

  endAction() {
    clearTimeout(this.#timer);
    this.#line.textContent = about(this.#chat);
    this.#line.classList.remove("typing");
  }

  #blockButton() {
    if (this.#chat.type !== "private") return "";
    const label = this.#chat.blocked ? "Unblock this bot" : "Block this bot";
    const toggle = () => this.#actions.toggleBlock(this.#chat);
    return iconButton("block", label, toggle, this.#chat.blocked ? "on" : "");
  }
}

function about(chat) {
  if (chat.type === "private") return "bot";
  return chat.username ? `channel · @${chat.username}` : "channel";
}
