// The topics of a forum: a line of tabs above its messages.

import { byId, el, icon } from "./dom.js";

export const GENERAL = 1;

/** The topic that a message is in; what is in none is in the general one. */
export const threadOf = (message) => (message.is_topic_message ? message.message_thread_id : GENERAL);

export const topicOf = (chat, thread) => chat.topics?.find((topic) => topic.message_thread_id === thread);

/** `current` is a topic's number, null for all; `fresh` has the topics with something new. */
export function renderTopics(chat, current, fresh, { choose, add }) {
  const root = byId("topics");
  root.hidden = !chat?.topics;
  if (root.hidden) return;
  const hadFocus = root.contains(document.activeElement);
  const all = tab("All", null, current === null, choose);
  const tabs = chat.topics.map((topic) => {
    const node = tab(topic.name, topic.message_thread_id, current === topic.message_thread_id, choose);
    if (topic.closed) node.prepend(icon("lock"));
    if (fresh.has(topic.message_thread_id)) node.append(el("span", { class: "fresh", role: "img", "aria-label": "new messages" }));
    return node;
  });
  const plus = el("button", { type: "button", class: "topic topic-add", title: "New topic", "aria-label": "New topic", on: { click: add } }, icon("plus"));
  const list = el("div", { class: "topic-tabs", role: "tablist", "aria-label": "Topics" }, all, tabs);
  list.addEventListener("keydown", (event) => walk(list, event));
  root.replaceChildren(list, plus);
  const chosen = root.querySelector("[aria-selected=true]");
  chosen?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (hadFocus) chosen?.focus();
}

function tab(name, thread, isCurrent, choose) {
  const properties = { type: "button", class: "topic", role: "tab", "aria-selected": String(isCurrent), tabIndex: isCurrent ? 0 : -1 };
  return el("button", { ...properties, on: { click: () => choose(thread) } }, el("span", { dir: "auto" }, name));
}

function walk(list, event) {
  const tabs = [...list.children];
  const at = tabs.indexOf(document.activeElement);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || at < 0) return;
  event.preventDefault();
  tabs[(at + step + tabs.length) % tabs.length].click();
}
