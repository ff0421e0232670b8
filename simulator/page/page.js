// The chat page: who one is, which chat is open, and what goes on between the page and the simulator.

import * as api from "./api.js";
import { chatName, renderChats, renderPeople } from "./chats.js";
import { Composer } from "./composer.js";
import { confirm, showAlert, showToast } from "./dialogs.js";
import { byId } from "./dom.js";
import { acceptDrops } from "./drops.js";
import { Head } from "./head.js";
import { readTelegramLink, safeUrl } from "./links.js";
import { MessageList } from "./messages.js";

class Page {
  #people = [];
  #person = null;
  #chats = [];
  #chat = null;
  #hangUp = () => undefined;

  #list = new MessageList({
    openLink: (url) => this.#guard(() => this.#openLink(url)),
    sendCommand: (text) => this.#sendText(text),
    press: (message, data) => this.#guard(() => this.#press(message, data)),
    reply: (message) => this.#composer.setReply(message),
    remove: (message) => this.#guard(() => this.#remove(message)),
    showMessage: (id) => this.#list.scrollTo(id) || showToast("That message is not here any more."),
  });

  #head = new Head({
    leave: () => this.#leaveChat(),
    toggleBlock: (chat) => this.#guard(() => this.#toggleBlock(chat)),
  });

  #composer = new Composer({
    sendText: (text, replyTo) => this.#sendText(text, replyTo),
    sendFiles: (files, kinds, caption) => this.#guard(() => this.#sendFiles(files, kinds, caption)),
  });

  async start() {
    acceptDrops(() => this.#chat, (files) => this.#guard(() => this.#composer.offerFiles(files)));
    addEventListener("popstate", () => this.#guard(() => this.#readAddress()));
    await this.#guard(async () => {
      this.#people = await api.getPeople();
      await this.#readAddress();
    });
  }

  /** What the page shows is in its address, so that a tab can be kept, copied, and gone back in. */
  async #readAddress() {
    const parameters = new URLSearchParams(location.search);
    const wanted = Number(parameters.get("person"));
    const person = this.#people.find(({ id }) => id === wanted) ?? this.#people[0];
    if (person.id !== this.#person?.id) await this.#bePerson(person.id);
    const chat = Number(parameters.get("chat"));
    if (chat) await this.#showChat(chat);
    else this.#closeChat();
  }

  #writeAddress(chat) {
    const address = new URL(location.href);
    address.search = new URLSearchParams({ person: this.#person.id, ...(chat ? { chat } : {}) });
    if (address.href !== location.href) history.pushState(null, "", address);
  }

  async #choosePerson(id) {
    if (id === this.#person.id) return;
    const chat = this.#chat?.id;
    await this.#bePerson(id);
    if (this.#chats.some((other) => other.id === chat)) await this.#chooseChat(chat);
    else this.#closeChat();
  }

  async #bePerson(id) {
    this.#hangUp();
    this.#person = this.#people.find((person) => person.id === id);
    this.#chat = null;
    renderPeople(this.#people, id, (other) => this.#guard(() => this.#choosePerson(other)));
    this.#chats = await api.getChats(id);
    this.#drawChats();
    this.#hangUp = api.listen(id, {
      onEvent: (event) => this.#guard(() => this.#onEvent(event)),
      onOpen: () => this.#guard(() => this.#catchUp()),
      onClose: () => this.#showConnection(false),
    });
  }

  async #chooseChat(id) {
    await this.#showChat(id);
    this.#writeAddress(id);
    this.#composer.focus();
  }

  async #showChat(id) {
    const person = this.#person.id;
    this.#chat = this.#chats.find((chat) => chat.id === id) ?? null;
    if (!this.#chat) return this.#closeChat();
    document.body.dataset.view = "chat";
    this.#head.show(this.#chat);
    this.#composer.clear();
    this.#list.clear(person);
    const messages = await api.getMessages(person, id);
    // Meanwhile somebody may have gone elsewhere.
    if (person !== this.#person.id || id !== this.#chat?.id) return undefined;
    this.#list.update(messages);
    this.#chat.unread = 0;
    this.#sayNothing("No messages yet");
    this.#drawComposer();
    this.#list.scrollToEnd();
    return this.#drawChats();
  }

  #closeChat() {
    this.#chat = null;
    document.body.dataset.view = "chats";
    this.#head.hide();
    byId("composer").hidden = true;
    this.#list.clear(this.#person.id);
    this.#sayNothing("Choose a chat");
    this.#drawChats();
  }

  #leaveChat() {
    this.#closeChat();
    this.#writeAddress(null);
  }

  /** After every connection: whatever happened while nobody listened. */
  async #catchUp() {
    const person = this.#person.id;
    const chats = await api.getChats(person);
    const open = this.#chat?.id;
    const shown = this.#list.ids;
    const messages = open ? await api.getMessages(person, open) : [];
    if (person !== this.#person.id) return;
    this.#chats = chats;
    if (open && open === this.#chat?.id) {
      this.#chat = chats.find(({ id }) => id === open) ?? this.#chat;
      this.#chat.unread = 0;
      this.#list.update(messages, shown);
    }
    this.#showConnection(true);
    this.#drawChats();
  }

  async #onEvent({ kind, chat, message, message_id: messageId, text, show_alert: alert }) {
    if (kind === "message" || kind === "edited") await this.#onMessage(kind, chat, message);
    else if (kind === "deleted") await this.#onDeleted(chat, messageId);
    else if (kind === "toast") this.#tell(text, alert);
    else if (kind === "typing" && chat === this.#chat?.id) this.#head.showAction(text);
    else if (kind === "chat") await this.#refreshChats();
  }

  async #onMessage(kind, chatId, message) {
    const open = chatId === this.#chat?.id;
    const isNew = kind === "message";
    const mine = message.from?.id === this.#person.id;
    if (open) {
      this.#list.put(message);
      this.#sayNothing("");
      this.#drawComposer();
      if (isNew && !mine) this.#head.endAction();
    }
    const chat = this.#chats.find(({ id }) => id === chatId);
    if (!chat) return this.#refreshChats();
    if (isNew || chat.last_message?.message_id === message.message_id) chat.last_message = message;
    if (isNew) chat.unread = open || mine ? 0 : (chat.unread ?? 0) + 1;
    this.#drawChats();
    return open && isNew ? api.markRead(this.#person.id, chatId, message.message_id) : undefined;
  }

  async #onDeleted(chatId, messageId) {
    if (chatId === this.#chat?.id) this.#list.remove(messageId);
    await this.#refreshChats();
  }

  async #refreshChats() {
    const person = this.#person.id;
    const chats = await api.getChats(person);
    if (person !== this.#person.id) return;
    this.#chats = chats;
    const open = chats.find(({ id }) => id === this.#chat?.id);
    if (open) {
      open.unread = 0;
      this.#chat = open;
      this.#head.show(this.#chat);
    }
    this.#drawChats();
  }

  /** What one sends comes back as an event, like everything else. */
  #sendText(text, replyTo) {
    return this.#guard(() => api.sendText(this.#person.id, this.#chat.id, text, replyTo));
  }

  async #sendFiles(files, kinds, caption) {
    const chat = this.#chat.id;
    for (const [index, file] of files.entries()) {
      await api.sendFile(this.#person.id, chat, file, { kind: kinds[index], caption: index === 0 ? caption : "" });
    }
  }

  async #press(message, data) {
    const answer = await api.pressButton(this.#person.id, this.#chat.id, message.message_id, data);
    if (answer.url) await this.#openLink(answer.url);
  }

  async #remove(message) {
    if (!(await confirm("Delete this message on your side?", "Delete"))) return;
    await api.deleteMessage(this.#person.id, this.#chat.id, message.message_id);
    this.#list.remove(message.message_id);
  }

  /** Telegram's own links stay in the page; all others open in a tab of their own. */
  async #openLink(address) {
    const link = readTelegramLink(address);
    if (!link) return openOutside(address);
    const chat = this.#chats.find(({ id, username }) => (link.username ? sameName(username, link.username) : id === link.chat));
    if (!chat) return showToast("That chat is not among yours.");
    if (chat.id !== this.#chat?.id) await this.#chooseChat(chat.id);
    if (link.message && !this.#list.scrollTo(link.message)) showToast("That message is not here any more.");
    if (typeof link.payload === "string") await this.#sendText(`/start ${link.payload}`.trim());
    return undefined;
  }

  #tell(text, alert) {
    if (!text) return;
    if (alert) showAlert(this.#chat ? chatName(this.#chat) : "", text);
    else showToast(text);
  }

  #drawChats() {
    renderChats(this.#chats, this.#chat?.id, (id) => this.#guard(() => this.#chooseChat(id)));
    const unread = this.#chats.reduce((sum, chat) => sum + (chat.unread ?? 0), 0);
    document.title = `${unread ? `(${unread}) ` : ""}${this.#person.first_name} · Magpie simulator`;
  }

  async #toggleBlock(chat) {
    if (!chat.blocked && !(await confirm(`Block ${chatName(chat)}?`, "Block"))) return;
    await api.setBlocked(this.#person.id, chat.id, !chat.blocked);
    await this.#refreshChats();
    this.#drawComposer();
  }

  /** A line in the middle of an empty room. */
  #sayNothing(text) {
    byId("nothing").textContent = text;
    byId("nothing").hidden = this.#list.ids.length > 0 || !text;
  }

  #drawComposer() {
    const started = this.#list.ids.length > 0;
    const chat = this.#chat;
    let note = null;
    if (chat.type === "channel") note = "You are reading this channel.";
    else if (chat.blocked) note = "You have blocked this bot.";
    this.#composer.show({ commands: chat.commands ?? [], started, note });
  }

  #showConnection(connected) {
    byId("connection").hidden = connected;
  }

  /** Whatever the server refuses is said in a toast; anything else is a fault of the page and goes to the console. */
  async #guard(action) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      showToast(error.message);
      return undefined;
    }
  }
}

function openOutside(address) {
  const url = safeUrl(address);
  if (url) open(url.href, "_blank", "noopener");
  else showToast("This link cannot be opened.");
}

const sameName = (one, other) => one?.toLowerCase() === other.toLowerCase();

new Page().start();
