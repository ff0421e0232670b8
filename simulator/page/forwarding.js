// Where to forward a message: a dialog with the chats in which one may write.

import { chatName } from "./chats.js";
import { openDialog } from "./dialogs.js";
import { avatar, el } from "./dom.js";
import { GENERAL } from "./topics.js";

/** Resolves with `{chat, thread}`, or null when the person changed their mind. */
export async function askWhere(chats) {
  const places = chats.filter((chat) => chat.can_post ?? !chat.blocked).flatMap(placesIn);
  let chosen = null;
  const list = el("div", { class: "places", role: "group", "aria-label": "Chats" });
  const filter = el("input", { class: "caption", type: "search", placeholder: "Find a chat", "aria-label": "Find a chat", autocomplete: "off" });
  const cancel = el("button", { type: "button", on: { click: () => dialog.close("") } }, "Cancel");
  const form = el("form", { method: "dialog" }, el("h2", {}, "Forward to"), filter, list, el("div", { class: "dialog-buttons" }, cancel));
  const dialog = el("dialog", { class: "dialog", "aria-label": "Forward to" }, form);
  const choose = (place) => {
    chosen = place;
    dialog.close("chosen");
  };
  const draw = () => list.replaceChildren(...places.filter(({ name }) => has(name, filter.value)).map((place) => line(place, () => choose(place))));
  filter.addEventListener("input", draw);
  filter.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    list.firstElementChild?.click();
  });
  draw();
  await openDialog(dialog);
  return chosen;
}

const has = (name, part) => name.toLowerCase().includes(part.trim().toLowerCase());

/** A forum is as many places as it has open topics. */
function placesIn(chat) {
  const name = chatName(chat);
  if (!chat.topics) return [{ chat, thread: null, name }];
  return chat.topics
    .filter((topic) => !topic.closed)
    .map(({ message_thread_id: thread, name: topic }) => ({ chat, thread: thread === GENERAL ? null : thread, name: `${name} › ${topic}` }));
}

function line({ chat, name }, choose) {
  return el("button", { type: "button", class: "place", on: { click: choose } }, avatar(chat.id, chatName(chat), "small"), el("span", { dir: "auto" }, name));
}
