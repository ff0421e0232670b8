// What somebody began to write and has not sent, kept in this browser.

const key = (person, chat, thread) => `draft:${person}:${chat}:${thread ?? ""}`;

export const readDraft = (person, chat, thread) => localStorage.getItem(key(person, chat, thread)) ?? "";

export function keepDraft(person, chat, thread, text) {
  if (text.trim()) localStorage.setItem(key(person, chat, thread), text);
  else localStorage.removeItem(key(person, chat, thread));
}

/** The draft that a chat list shows: of the chat, else of any of its topics. */
export function draftOf(person, chat) {
  const threads = [null, ...(chat.topics ?? []).map((topic) => topic.message_thread_id)];
  return threads.map((thread) => readDraft(person, chat.id, thread)).find(Boolean) ?? "";
}
