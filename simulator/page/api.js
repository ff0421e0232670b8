// The simulator's person interface: everything the page asks of the server, and the events it hears.

const PAGE_SIZE = 200;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8000;

/** The server refused; `message` is its own description. */
export class ApiError extends Error {}

async function call(path, options = {}) {
  let reply;
  try {
    reply = await fetch(`/api${path}`, options);
  } catch {
    throw new ApiError("The simulator cannot be reached.");
  }
  if (!reply.ok) throw new ApiError(await describe(reply));
  return reply.json();
}

async function describe(reply) {
  try {
    const { description, detail } = await reply.json();
    return String(description ?? (typeof detail === "string" ? detail : detail?.[0]?.msg ?? `Error ${reply.status}`));
  } catch {
    return `Error ${reply.status}`;
  }
}

function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}

export const getPeople = () => call("/people");
export const getBots = () => call("/bots");
export const addPerson = (about) => post("/people", about);
export const addGroup = (about) => post("/groups", about);
export const getRoom = (room) => call(`/chats/${room}`);
export const setMember = (room, change) => post(`/chats/${room}/members`, change);
export const upgradeGroup = (room, by) => post(`/chats/${room}/upgrade`, { by });
export const addTopic = (room, name, by) => post(`/chats/${room}/topics`, { name, by });
export const closeTopic = (room, thread, closed, by) => post(`/chats/${room}/topics/${thread}`, { closed, by });
export const getChats = (person) => call(`/people/${person}/chats`);

/** All messages of a chat that this person sees, the oldest first. */
export async function getMessages(person, chat) {
  const messages = [];
  for (;;) {
    const after = messages.at(-1)?.message_id ?? 0;
    const page = await call(`/people/${person}/chats/${chat}/messages?after=${after}&limit=${PAGE_SIZE}`);
    messages.push(...page);
    if (page.length < PAGE_SIZE) return messages;
  }
}

/** Reading is what marks messages as read, so the one that was just shown is read once more. */
export const markRead = (person, chat, messageId) =>
  call(`/people/${person}/chats/${chat}/messages?after=${messageId - 1}&limit=1`);

/** Where something is said: in answer to a message, in a topic; both may be left out. */
const placed = ({ replyTo, thread }) => ({ ...(replyTo ? { reply_to: replyTo } : {}), ...(thread ? { thread } : {}) });

export const sendText = (person, chat, text, place = {}) =>
  post(`/people/${person}/chats/${chat}/text`, { text, ...placed(place) });

export const editText = (person, chat, messageId, text) =>
  post(`/people/${person}/chats/${chat}/edit`, { message_id: messageId, text });

export function sendFile(person, chat, file, { kind, caption }, place = {}) {
  const body = form({ file, kind, caption, ...placed(place) });
  return call(`/people/${person}/chats/${chat}/file`, { method: "POST", body });
}

/** Several files as one album. */
export function sendAlbum(person, chat, files, { kinds, caption }, place = {}) {
  const body = form({ caption, ...placed(place) });
  for (const file of files) body.append("files", file, file.name);
  for (const kind of kinds) body.append("kinds", kind);
  return call(`/people/${person}/chats/${chat}/album`, { method: "POST", body });
}

function form(fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof File) body.append(name, value, value.name);
    else if (value) body.append(name, value);
  }
  return body;
}

export const forwardMessages = (person, from, messageIds, to, place = {}) =>
  post(`/people/${person}/chats/${to}/forward`, { from_chat: from, message_ids: messageIds, ...placed(place) });

/** What a bot offers for a query from this chat; `answered: false` when it did not answer in time. */
export const askInline = (person, chat, bot, query, offset) =>
  post(`/people/${person}/chats/${chat}/inline`, { bot, query, offset });

export const chooseInline = (person, chat, queryId, resultId, place = {}) =>
  post(`/people/${person}/chats/${chat}/inline/choose`, { query_id: queryId, result_id: resultId, ...placed(place) });

/** Resolves when the bot answered the press, or with `answered: false` when it did not in time. */
export const pressButton = (person, chat, messageId, data) =>
  post(`/people/${person}/chats/${chat}/press`, { message_id: messageId, data });

export const deleteMessage = (person, chat, messageId, forEveryone) =>
  post(`/people/${person}/chats/${chat}/delete`, { message_id: messageId, for_everyone: forEveryone });

export const setBlocked = (person, bot, blocked) => post(`/people/${person}/block`, { bot, blocked });

export const fileUrl = (fileId) => `/api/files/${encodeURIComponent(fileId)}`;

/**
 * Hears a person's events until the returned function is called. `onOpen` is called after every (re)connection, so
 * that the page can fetch what it missed; `onClose` when the line is lost.
 */
export function listen(person, { onEvent, onOpen, onClose }) {
  let socket = null;
  let timer = 0;
  let wait = FIRST_RETRY_MS;
  let ended = false;

  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/api/people/${person}/events`);
    socket.onopen = () => {
      wait = FIRST_RETRY_MS;
      onOpen();
    };
    socket.onmessage = ({ data }) => onEvent(JSON.parse(data));
    socket.onclose = () => {
      if (ended) return;
      onClose();
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, LAST_RETRY_MS);
    };
  }

  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    socket.close();
  };
}
