// Dialogs about who there is: the members of a room and what may be done with them, new groups, new people.

import * as api from "./api.js";
import { chatName } from "./chats.js";
import { openDialog } from "./dialogs.js";
import { avatar, el, iconButton } from "./dom.js";
import { showMenu, under } from "./menus.js";

const STATUS = { creator: "owner", administrator: "administrator", restricted: "restricted" };
const IN_CHARGE = new Set(["creator", "administrator"]);
const RIGHTS = {
  channel: ["can_manage_chat", "can_post_messages", "can_edit_messages", "can_delete_messages"],
  group: ["can_manage_chat", "can_delete_messages", "can_pin_messages", "can_manage_topics", "can_restrict_members"],
};
const LANGUAGES = { en: "English", es: "Español", fr: "Français", de: "Deutsch", ar: "العربية" };

/** The members of a room; those in charge add, promote, demote and remove. Resolves when it is closed. */
export async function showRoom(chat, me, everybody, guard) {
  const body = el("div", { class: "members" });
  const close = el("button", { class: "primary", value: "" }, "Close");
  const form = el("form", { method: "dialog" }, el("h2", { dir: "auto" }, chatName(chat)), body, el("div", { class: "dialog-buttons" }, close));
  const dialog = el("dialog", { class: "dialog", "aria-label": `About ${chatName(chat)}` }, form);
  const change = (action) => guard(async () => {
    body.inert = true; // until it shows what is now, nobody chooses from what was
    try {
      await action();
      await draw();
    } finally {
      body.inert = false;
    }
  });

  async function draw() {
    const room = await api.getRoom(chat.id);
    const mine = room.members.find(({ user }) => user.id === me);
    const inCharge = IN_CHARGE.has(mine?.status);
    const lines = room.members.map((member) => memberLine(room, member, inCharge && member.user.id !== me, me, change));
    const others = inCharge ? everybody.filter(({ id }) => !room.members.some(({ user }) => user.id === id)) : [];
    body.replaceChildren(...lines, ...others.map((user) => newcomer(room, user, me, change)), ...moves(room, mine, me, change, dialog));
  }

  await draw();
  await openDialog(dialog);
}

function memberLine(room, { user, status }, mayChange, me, change) {
  const set = (wish) => change(() => api.setMember(room.id, { user: user.id, by: me, ...wish }));
  const kind = room.type === "channel" ? "channel" : "group";
  const promote = { icon: "person", label: "Make administrator", onChoose: () => set({ status: "administrator", rights: RIGHTS[kind] }) };
  const demote = { icon: "down", label: "Take the rights", onChoose: () => set({ status: "member" }) };
  const mute = { icon: "lock", label: "May only read", onChoose: () => set({ status: "restricted", rights: [] }) };
  const remove = { icon: "block", label: "Remove", danger: true, onChoose: () => set({ status: "kicked" }) };
  const items = status === "administrator" ? [demote, remove] : status === "restricted" ? [demote, promote, remove] : [promote, ...(kind === "group" ? [mute] : []), remove];
  const more = iconButton("more", `What to do with ${user.first_name}`, () => showMenu(items, under(more)));
  return userLine(user, STATUS[status] ?? (user.is_bot ? "bot" : ""), mayChange && status !== "creator" ? more : null);
}

function newcomer(room, user, me, change) {
  const isBotInChannel = user.is_bot && room.type === "channel";
  const wish = isBotInChannel ? { status: "administrator", rights: RIGHTS.channel } : { status: "member" };
  const add = iconButton("plus", `Add ${user.first_name}`, () => change(() => api.setMember(room.id, { user: user.id, by: me, ...wish })));
  return userLine(user, "not here", add);
}

function userLine(user, note, button) {
  const texts = el("span", { class: "member-texts" }, el("span", { class: "member-name", dir: "auto" }, user.first_name), el("span", { class: "dim" }, note));
  return el("div", { class: "member" }, avatar(user.id, user.first_name, "small"), texts, button);
}

/** What may be done with the whole: a basic group made a supergroup, a topic closed, left. */
function moves(room, mine, me, change, dialog) {
  const buttons = [];
  const button = (label, action) => el("button", { type: "button", class: "wide", on: { click: action } }, label);
  if (IN_CHARGE.has(mine?.status)) {
    for (const { message_thread_id: thread, name, closed } of (room.topics ?? []).slice(1)) {
      const label = `${closed ? "Open" : "Close"} the topic “${name}”`;
      buttons.push(button(label, () => change(() => api.closeTopic(room.id, thread, !closed, me))));
    }
    if (room.type === "group") {
      buttons.push(button("Make it a supergroup", () => change(async () => {
        await api.upgradeGroup(room.id, me);
        dialog.close();
      })));
    }
  }
  if (mine && mine.status !== "creator") {
    buttons.push(button("Leave", () => change(async () => {
      await api.setMember(room.id, { user: me, status: "left" });
      dialog.close();
    })));
  }
  return buttons;
}

/** Asks for a new group; resolves with what to make, or null. */
export async function askGroup(me, everybody) {
  const title = el("input", { class: "caption", required: true, maxLength: 128, placeholder: "Name", "aria-label": "Name", autocomplete: "off" });
  const kinds = { forum: "With topics", supergroup: "Supergroup", group: "Basic group" };
  const kind = el("select", { class: "caption", "aria-label": "Kind" }, Object.entries(kinds).map(([value, name]) => el("option", { value }, name)));
  const boxes = everybody.filter(({ id }) => id !== me).map((user) => el("input", { type: "checkbox", value: user.id, checked: true, "aria-label": user.first_name }));
  const members = el("div", { class: "members" }, boxes.map((box) => el("label", { class: "check" }, box, el("bdi", {}, box.getAttribute("aria-label")))));
  if (!(await ask("New group", [title, kind, members]))) return null;
  const chosen = boxes.filter((box) => box.checked).map((box) => Number(box.value));
  const isForum = kind.value === "forum";
  return { title: title.value.trim(), kind: isForum ? "supergroup" : kind.value, is_forum: isForum, owner: me, members: chosen };
}

/** Asks for a new person; resolves with them, or null. */
export async function askPerson() {
  const name = el("input", { class: "caption", required: true, maxLength: 64, placeholder: "First name", "aria-label": "First name", autocomplete: "off" });
  const language = el("select", { class: "caption", "aria-label": "Language" }, Object.entries(LANGUAGES).map(([value, word]) => el("option", { value }, word)));
  if (!(await ask("New person", [name, language]))) return null;
  return { first_name: name.value.trim(), language_code: language.value };
}

async function ask(title, fields) {
  const cancel = el("button", { type: "button", on: { click: () => dialog.close("") } }, "Cancel");
  const buttons = el("div", { class: "dialog-buttons" }, cancel, el("button", { class: "primary", value: "yes" }, "Make"));
  const dialog = el("dialog", { class: "dialog", "aria-label": title }, el("form", { method: "dialog" }, el("h2", {}, title), fields, buttons));
  const answer = openDialog(dialog);
  fields[0].focus();
  return (await answer) === "yes";
}
