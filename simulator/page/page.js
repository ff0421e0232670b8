// The chat page: who one is, which chat is open, and what goes on between the page and the simulator.

import * as api from "./api.js";
import { chatName, renderChats, renderPeople } from "./chats.js";
import { Composer } from "./composer.js";
import { askLine, confirm, showAlert, showToast } from "./dialogs.js";
import { byId, iconButton } from "./dom.js";
import { keepDraft, readDraft } from "./drafts.js";
import { acceptDrops } from "./drops.js";
import { askWhere } from "./forwarding.js";
import { Head } from "./head.js";
import { readTelegramLink, safeUrl } from "./links.js";
import { showMenu, under } from "./menus.js";
import { MessageList, textOf } from "./messages.js";
import { askGroup, askPerson, showRoom } from "./rooms.js";
import { themeButton } from "./themes.js";
import { GENERAL, renderTopics, threadOf, topicOf } from "./topics.js";
import { showMedia } from "./viewer.js";

class Page {
  #people = [];
  #bots = [];
  #person = null;
  #chats = [];
  #chat = null;
  /** The topic of a forum that is shown, null for all. */
  #thread = null;
  /** Topics of the open forum in which something new was said. */
  #fresh = new Set();
  #hangUp = () => undefined;

  #list = new MessageList({
    openLink: (url) => this.#guard(() => this.#openLink(url)),
    openPost: (chat, id) => this.#guard(() => this.#openPost(chat, id)),
    openMedia: (message, seconds) => this.#openMedia(message, seconds),
    sendCommand: (text) => this.#sendText(text),
    press: (message, data) => this.#guard(() => this.#press(message, data)),
    switchInline: (message, button) => this.#guard(() => this.#switchInline(message, button)),
    mayReply: () => this.#mayWrite(),
    reply: (message) => this.#composer.setReply(message),
    showMenu: (messages, place) => showMenu(this.#menuFor(messages), place),
    showMessage: (id) => this.#list.scrollTo(id) || showToast("That message is not here any more."),
  });

  #head = new Head({
    leave: () => this.#leaveChat(),
    toggleBlock: (chat) => this.#guard(() => this.#toggleBlock(chat)),
    showInfo: (chat) => this.#guard(() => this.#showInfo(chat)),
  });

  #composer = new Composer({
    sendText: (text, replyTo) => this.#sendText(text, replyTo),
    editText: (message, text) => this.#guard(() => api.editText(this.#person.id, this.#chat.id, message.message_id, text)),
    editLast: () => this.#list.lastOwn && this.#composer.setEdit(this.#list.lastOwn),
    sendFiles: (files, choice, replyTo) => this.#guard(() => this.#sendFiles(files, choice, replyTo)),
    keepDraft: (text) => keepDraft(this.#person.id, this.#chat.id, this.#thread, text),
    ask: (username, query, offset) => this.#guard(() => this.#askInline(username, query, offset)),
    choose: (offer, result, replyTo) => this.#guard(() => this.#chooseInline(offer, result, replyTo)),
    startBot: (username, payload) => this.#guard(() => this.#startBot(username, payload)),
  });

  async start() {
    byId("sidebar-tools").append(this.#newButton(), themeButton());
    acceptDrops(() => this.#chat, (files) => this.#guard(() => this.#composer.offerFiles(files)));
    addEventListener("popstate", () => this.#guard(() => this.#readAddress()));
    await this.#guard(async () => {
      [this.#people, this.#bots] = await Promise.all([api.getPeople(), api.getBots()]);
      await this.#readAddress();
    });
  }

  // --- where one is

  /** What the page shows is in its address, so that a tab can be kept, copied, and gone back in. */
  async #readAddress() {
    const parameters = new URLSearchParams(location.search);
    const wanted = Number(parameters.get("person"));
    const person = this.#people.find(({ id }) => id === wanted) ?? this.#people[0];
    if (person.id !== this.#person?.id) await this.#bePerson(person.id);
    const chat = Number(parameters.get("chat"));
    if (chat) await this.#showChat(chat, Number(parameters.get("topic")) || null);
    else this.#closeChat();
  }

  #writeAddress() {
    const address = new URL(location.href);
    const chat = this.#chat ? { chat: this.#chat.id } : {};
    const topic = this.#thread ? { topic: this.#thread } : {};
    address.search = new URLSearchParams({ person: this.#person.id, ...chat, ...topic });
    if (address.href !== location.href) history.pushState(null, "", address);
  }

  async #choosePerson(id) {
    if (id === this.#person.id) return;
    const [chat, thread] = [this.#chat?.id, this.#thread];
    await this.#bePerson(id);
    if (this.#chats.some((other) => other.id === chat)) await this.#chooseChat(chat, thread);
    else this.#leaveChat();
  }

  async #bePerson(id) {
    this.#hangUp();
    this.#person = this.#people.find((person) => person.id === id);
    this.#chat = null;
    this.#chats = [];
    this.#drawChats();
    renderPeople(this.#people, id, (other) => this.#guard(() => this.#choosePerson(other)));
    this.#chats = await api.getChats(id);
    this.#drawChats();
    this.#hangUp = api.listen(id, {
      onEvent: (event) => this.#guard(() => this.#onEvent(event)),
      onOpen: () => this.#guard(() => this.#catchUp()),
      onClose: () => this.#showConnection(false),
    });
  }

  async #chooseChat(id, thread = null) {
    const shown = this.#showChat(id, thread);
    this.#writeAddress();
    await shown;
    this.#composer.focus();
  }

  async #showChat(id, thread) {
    const person = this.#person.id;
    const same = this.#chat?.id === id;
    this.#chat = this.#chats.find((chat) => chat.id === id) ?? null;
    if (!this.#chat) return this.#closeChat();
    this.#thread = topicOf(this.#chat, thread) ? thread : null;
    if (!same) this.#fresh.clear();
    this.#fresh.delete(this.#thread);
    document.body.dataset.view = "chat";
    this.#head.show(this.#chat);
    this.#drawTopics();
    this.#composer.begin(readDraft(person, id, this.#thread));
    this.#clearList();
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

  /** An empty list for the open chat: of one topic, or of all, each message then marked with its topic. */
  #clearList() {
    const thread = this.#thread;
    const chat = this.#chat;
    const wanted = (message) => thread === null || threadOf(message) === thread;
    const labelOf = (message) => (chat?.topics && thread === null ? topicOf(chat, threadOf(message))?.name ?? "" : "");
    this.#list.clear(this.#person.id, { wanted, labelOf });
  }

  #closeChat() {
    this.#chat = null;
    this.#thread = null;
    document.body.dataset.view = "chats";
    this.#head.hide();
    byId("composer").hidden = true;
    this.#drawTopics();
    this.#list.clear(this.#person.id);
    this.#sayNothing("Choose a chat");
    this.#drawChats();
  }

  #leaveChat() {
    this.#closeChat();
    this.#writeAddress();
  }

  // --- what happens

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

  async #onEvent({ kind, chat, message, message_id: messageId, text, show_alert: alert, from }) {
    if (kind === "message" || kind === "edited") await this.#onMessage(kind, chat, message);
    else if (kind === "deleted") await this.#onDeleted(chat, messageId);
    else if (kind === "toast") this.#tell(text, alert);
    else if (kind === "typing" && chat === this.#chat?.id) this.#head.showAction(text, from);
    else if (kind === "chat") await this.#refreshChats();
  }

  async #onMessage(kind, chatId, message) {
    const open = chatId === this.#chat?.id;
    const isNew = kind === "message";
    const mine = message.from?.id === this.#person.id;
    if (open) this.#showNew(message, isNew && !mine);
    const chat = this.#chats.find(({ id }) => id === chatId);
    if (!chat) return this.#refreshChats();
    if (isNew || chat.last_message?.message_id === message.message_id) chat.last_message = message;
    if (isNew) chat.unread = open || mine ? 0 : (chat.unread ?? 0) + 1;
    this.#drawChats();
    const gone = message.left_chat_member?.id === this.#person.id;
    return open && isNew && !gone ? api.markRead(this.#person.id, chatId, message.message_id) : undefined;
  }

  #showNew(message, byOthers) {
    this.#list.put(message);
    this.#sayNothing("");
    this.#drawComposer();
    if (!byOthers) return;
    this.#head.endAction();
    const thread = threadOf(message);
    if (this.#thread === null || this.#thread === thread || !this.#chat.topics) return;
    this.#fresh.add(thread);
    this.#drawTopics();
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
    if (this.#chat && !open) {
      await this.#goOnElsewhere();
      return;
    }
    if (open) {
      open.unread = 0;
      this.#chat = open;
      this.#head.show(this.#chat);
      this.#drawTopics();
      this.#drawComposer();
    }
    this.#drawChats();
  }

  /** The open chat is not there any more: it became another one, or the person is not in it. */
  async #goOnElsewhere() {
    const successor = this.#chats.find((chat) => chat.migrated_from === this.#chat.id);
    if (successor) {
      await this.#chooseChat(successor.id);
      return;
    }
    this.#leaveChat();
    showToast("You are not in that chat any more.");
  }

  #tell(text, alert) {
    if (!text) return;
    if (alert) showAlert(this.#chat ? chatName(this.#chat) : "", text);
    else showToast(text);
  }

  // --- what one does

  /** Where what is written now belongs; the general topic has no number. */
  #place(replyTo) {
    return { replyTo, thread: this.#thread === GENERAL ? null : this.#thread };
  }

  /** What one sends comes back as an event, like everything else. */
  #sendText(text, replyTo) {
    return this.#guard(() => api.sendText(this.#person.id, this.#chat.id, text, this.#place(replyTo)));
  }

  async #sendFiles(files, { kinds, caption, album }, replyTo) {
    const [person, chat, place] = [this.#person.id, this.#chat.id, this.#place(replyTo)];
    if (album) return api.sendAlbum(person, chat, files, { kinds, caption }, place);
    for (const [index, file] of files.entries()) {
      await api.sendFile(person, chat, file, { kind: kinds[index], caption: index === 0 ? caption : "" }, place);
    }
    return undefined;
  }

  async #press(message, data) {
    const answer = await api.pressButton(this.#person.id, this.#chat.id, message.message_id, data);
    if (answer.url) await this.#openLink(answer.url);
  }

  /** A key that begins a query types it: here, or in a chat that one chooses. */
  async #switchInline(message, button) {
    const here = button.switch_inline_query_current_chat;
    const query = here ?? button.switch_inline_query ?? button.switch_inline_query_chosen_chat.query ?? "";
    const bot = message.via_bot ?? message.from;
    if (here === undefined) {
      const place = await askWhere(this.#chats);
      if (!place) return;
      await this.#chooseChat(place.chat.id, place.thread);
    }
    this.#composer.type(`@${bot.username} ${query}`);
  }

  async #askInline(username, query, offset) {
    const bot = this.#bots.find((one) => one.inline && sameName(one.username, username));
    if (!bot || !this.#chat) return null;
    return api.askInline(this.#person.id, this.#chat.id, bot.id, query, offset);
  }

  #chooseInline(offer, result, replyTo) {
    return api.chooseInline(this.#person.id, this.#chat.id, offer.query_id, result.id, this.#place(replyTo));
  }

  async #startBot(username, payload) {
    const chat = this.#chats.find((one) => sameName(one.username, username));
    await this.#chooseChat(chat.id);
    await this.#sendText(`/start ${payload}`.trim());
  }

  #mayWrite() {
    return Boolean(this.#chat && (this.#chat.can_post ?? !this.#chat.blocked));
  }

  /** What can be done with a message, or with all of an album. */
  #menuFor(messages) {
    const [first] = messages;
    const own = first.from?.id === this.#person.id && first.chat.type !== "channel";
    const text = messages.map(textOf).find(Boolean);
    const chat = this.#chat;
    const inCharge = ["creator", "administrator"].includes(chat.status);
    const [choices, remove] = [[], { icon: "remove", danger: true }];
    if (this.#mayWrite()) choices.push({ icon: "reply", label: "Reply", onChoose: () => this.#composer.setReply(first) });
    if (own && first.text && !first.via_bot && this.#mayWrite()) choices.push({ icon: "edit", label: "Change", onChoose: () => this.#composer.setEdit(first) });
    choices.push({ icon: "forward", label: "Forward", onChoose: () => this.#guard(() => this.#forward(messages)) });
    if (text) choices.push({ icon: "copy", label: "Copy the text", onChoose: () => copy(text) });
    if (chat.type !== "supergroup") choices.push({ ...remove, label: "Delete for me", onChoose: () => this.#guard(() => this.#remove(messages, false)) });
    if (chat.type === "private" || own || inCharge) choices.push({ ...remove, label: "Delete for all", onChoose: () => this.#guard(() => this.#remove(messages, true)) });
    return choices;
  }

  async #forward(messages) {
    const place = await askWhere(this.#chats);
    if (!place) return;
    const ids = messages.map((message) => message.message_id).sort((a, b) => a - b);
    await api.forwardMessages(this.#person.id, this.#chat.id, ids, place.chat.id, { thread: place.thread });
    showToast(`Forwarded to ${place.name}`);
  }

  async #remove(messages, forEveryone) {
    const what = messages.length > 1 ? "these messages" : "this message";
    if (!(await confirm(`Delete ${what} ${forEveryone ? "for everybody" : "on your side"}?`, "Delete"))) return;
    for (const { message_id: id } of messages) {
      await api.deleteMessage(this.#person.id, this.#chat.id, id, forEveryone);
      this.#list.remove(id);
    }
  }

  #openMedia(message, seconds) {
    const { sights } = this.#list;
    showMedia(sights, sights.findIndex((one) => one.message_id === message.message_id), seconds);
  }

  /** Telegram's own links stay in the page; all others open in a tab of their own. */
  async #openLink(address) {
    const link = readTelegramLink(address);
    if (!link) return openOutside(address);
    const chat = this.#chats.find(({ id, username }) => (link.username ? sameName(username, link.username) : id === link.chat));
    if (!chat) return showToast("That chat is not among yours.");
    if (chat.id !== this.#chat?.id || (link.message && this.#thread)) await this.#chooseChat(chat.id);
    if (link.message && !this.#list.scrollTo(link.message)) showToast("That message is not here any more.");
    if (typeof link.payload === "string") await this.#sendText(`/start ${link.payload}`.trim());
    return undefined;
  }

  async #openPost(chat, messageId) {
    if (!this.#chats.some(({ id }) => id === chat)) return showToast("That chat is not among yours.");
    if (chat !== this.#chat?.id || this.#thread !== null) await this.#chooseChat(chat);
    return this.#list.scrollTo(messageId) || showToast("That message is not here any more.");
  }

  async #toggleBlock(chat) {
    if (!chat.blocked && !(await confirm(`Block ${chatName(chat)}?`, "Block"))) return;
    await api.setBlocked(this.#person.id, chat.id, !chat.blocked);
    await this.#refreshChats();
  }

  // --- rooms and people

  async #showInfo(chat) {
    const bots = this.#bots.map((bot) => ({ ...bot, is_bot: true }));
    await showRoom(chat, this.#person.id, [...this.#people, ...bots], (action) => this.#guard(action));
  }

  #newButton() {
    const button = iconButton("plus", "New group or person", () =>
      showMenu(
        [
          { icon: "group", label: "New group", onChoose: () => this.#guard(() => this.#newGroup()) },
          { icon: "person", label: "New person", onChoose: () => this.#guard(() => this.#newPerson()) },
        ],
        under(button),
      ),
    );
    return button;
  }

  async #newGroup() {
    const wish = await askGroup(this.#person.id, [...this.#people, ...this.#bots]);
    if (!wish) return;
    const room = await api.addGroup(wish);
    await this.#refreshChats();
    await this.#chooseChat(room.id);
  }

  async #newPerson() {
    const wish = await askPerson();
    if (!wish) return;
    const person = await api.addPerson(wish);
    this.#people = await api.getPeople();
    await this.#choosePerson(person.id);
  }

  async #addTopic() {
    const name = await askLine("New topic", "Name", "Make");
    if (!name) return;
    const topic = await api.addTopic(this.#chat.id, name, this.#person.id);
    await this.#refreshChats();
    await this.#chooseChat(this.#chat.id, topic.message_thread_id);
  }

  // --- drawing

  #drawChats() {
    renderChats(this.#chats, this.#chat?.id, this.#person.id, (id) => this.#guard(() => this.#chooseChat(id)));
    const unread = this.#chats.reduce((sum, chat) => sum + (chat.unread ?? 0), 0);
    document.title = `${unread ? `(${unread}) ` : ""}${this.#person.first_name} · Magpie simulator`;
  }

  #drawTopics() {
    renderTopics(this.#chat, this.#thread, this.#fresh, {
      choose: (thread) => this.#guard(() => this.#chooseChat(this.#chat.id, thread)),
      add: () => this.#guard(() => this.#addTopic()),
    });
  }

  /** A line in the middle of an empty room. */
  #sayNothing(text) {
    byId("nothing").textContent = text;
    byId("nothing").hidden = this.#list.ids.length > 0 || !text;
  }

  #drawComposer() {
    const chat = this.#chat;
    const started = chat.type !== "private" || this.#list.ids.length > 0;
    this.#composer.show({ commands: chat.commands ?? [], started, note: this.#noteFor(chat) });
  }

  /** Why one cannot write here; null when one can. */
  #noteFor(chat) {
    if (chat.blocked) return "You have blocked this bot.";
    if (chat.can_post === false) return chat.type === "channel" ? "You are reading this channel." : "You may not write here.";
    const closed = topicOf(chat, this.#thread)?.closed && !["creator", "administrator"].includes(chat.status);
    return closed ? "This topic is closed." : null;
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

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    showToast("Copied");
  } catch {
    showToast(text);
  }
}

const sameName = (one, other) => one?.toLowerCase() === other.toLowerCase();

new Page().start();
