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
    return String(description ?? (typeof detail === "string" ? detail : `Error ${reply.status}`));
  } catch {
    return `Error ${reply.status}`;
  }
}

function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}

export const getPeople = () => call("/people");
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

export const sendText = (person, chat, text, replyTo) =>
  post(`/people/${person}/chats/${chat}/text`, replyTo ? { text, reply_to: replyTo } : { text });

export function sendFile(person, chat, file, { kind, caption }) {
  const body = new FormData();
  body.append("file", file, file.name);
  body.append("kind", kind);
  if (caption) body.append("caption", caption);
  return call(`/people/${person}/chats/${chat}/file`, { method: "POST", body });
}

/** Resolves when the bot answered the press, or with `answered: false` when it did not in time. */
export const pressButton = (person, chat, messageId, data) =>
  post(`/people/${person}/chats/${chat}/press`, { message_id: messageId, data });

export const deleteMessage = (person, chat, messageId) =>
  post(`/people/${person}/chats/${chat}/delete`, { message_id: messageId });

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
