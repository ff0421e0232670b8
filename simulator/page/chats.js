// The left side: the people one can be, and the chats of the one who is chosen.

import { avatar, byId, el, formatWhen } from "./dom.js";
import { draftOf } from "./drafts.js";
import { summarise } from "./messages.js";
import { tell } from "./service.js";

export const chatName = (chat) => chat.title ?? [chat.first_name, chat.last_name].filter(Boolean).join(" ");

/** Each person is a link, so that a browser tab of their own is one click with Ctrl away. */
export function renderPeople(people, current, onChoose) {
  const links = people.map((person) => {
    const link = el("a", { class: "person", href: `?person=${person.id}`, title: `Be ${person.first_name}` });
    link.append(avatar(person.id, person.first_name, "small"), el("span", { dir: "auto" }, person.first_name));
    if (person.id === current) link.setAttribute("aria-current", "true");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onChoose(person.id);
    });
    return link;
  });
  byId("people").replaceChildren(...links);
  byId("people").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

/** The chats of a person, the one with the newest message first. */
export function renderChats(chats, current, person, onChoose) {
  const newest = (chat) => chat.last_message?.date ?? 0;
  const sorted = [...chats].sort((a, b) => newest(b) - newest(a));
  const focused = document.activeElement?.dataset?.chat;
  byId("chats").replaceChildren(...sorted.map((chat) => renderChat(chat, chat.id === current, person, onChoose)));
  if (focused) byId("chats").querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
}

function renderChat(chat, isCurrent, person, onChoose) {
  const name = chatName(chat);
  const last = chat.last_message;
  const button = el("button", { type: "button", class: "chat", data: { chat: String(chat.id) }, on: { click: () => onChoose(chat.id) } });
  if (isCurrent) button.setAttribute("aria-current", "true");
  const unread = chat.unread ? el("span", { class: "unread", "aria-label": `${chat.unread} unread` }, String(chat.unread)) : null;
  button.append(
    avatar(chat.id, name),
    el("span", { class: "chat-name", dir: "auto" }, name),
    el("time", { class: "chat-time" }, last ? formatWhen(last.date) : ""),
    el("span", { class: "chat-last", dir: "auto" }, lastLine(chat, isCurrent, person)),
    unread ?? "",
  );
  return button;
}

/** What was begun here and not sent, else what was said last, in groups with who said it. */
function lastLine(chat, isCurrent, person) {
  const draft = isCurrent ? "" : draftOf(person, chat);
  if (draft) return [el("span", { class: "draft" }, "Draft: "), el("bdi", {}, draft.replace(/\s+/g, " "))];
  const last = chat.last_message;
  if (!last) return ["No messages yet"];
  const inGroup = chat.type !== "private" && last.from && !tell(last);
  const who = inGroup ? [el("bdi", { class: "who" }, last.from.id === person ? "You" : last.from.first_name), ": "] : [];
  return [...who, el("bdi", {}, summarise(last))];
}
