// What happened in a chat, in words: the messages that nobody wrote.

const nameOf = (user) => user?.first_name ?? "Somebody";

const TELLS = {
  new_chat_members: ({ from, new_chat_members: members }) => joined(from, members),
  left_chat_member: ({ from, left_chat_member: member }) =>
    from?.id === member.id ? `${nameOf(member)} left` : `${nameOf(from)} removed ${nameOf(member)}`,
  group_chat_created: ({ from }) => `${nameOf(from)} made the group`,
  supergroup_chat_created: ({ from }) => `${nameOf(from)} made the group`,
  migrate_to_chat_id: () => "This group became a supergroup",
  migrate_from_chat_id: () => "The group became this supergroup",
  forum_topic_created: ({ from, forum_topic_created: topic }) => `${nameOf(from)} began the topic “${topic.name}”`,
  forum_topic_closed: ({ from }) => `${nameOf(from)} closed the topic`,
  forum_topic_reopened: ({ from }) => `${nameOf(from)} opened the topic again`,
};

function joined(from, members) {
  const names = members.map(nameOf).join(", ");
  return members.length === 1 && members[0].id === from?.id ? `${names} joined` : `${nameOf(from)} added ${names}`;
}

/** The line for such a message, "" for one that somebody wrote. */
export function tell(message) {
  const name = Object.keys(TELLS).find((key) => key in message);
  return name ? TELLS[name](message) : "";
}
