"""The JSON interface: channels and groups, who is in them, their topics."""

from fastapi import APIRouter, HTTPException

from simulator.forms import By, NewChannel, NewGroup, NewMember, NewTopic, Permissions, TopicChange
from simulator.people import People, topic_shown
from simulator.rooms import Member, Room
from simulator.routes.given import JsonObject, TheMembers, ThePeople, TheWorld, known_user

router = APIRouter()


@router.get("/channels")
async def list_channels(world: TheWorld) -> list[JsonObject]:
    return [world.view.chat_for_person(room.chat) for room in world.rooms.all() if room.kind == "channel"]


@router.post("/channels")
async def add_channel(new: NewChannel, world: TheWorld, people: ThePeople, members: TheMembers) -> JsonObject:
    people.person(new.owner)
    with world.change():
        room = members.add_room("channel", new.title, new.username, new.owner, is_forum=False)
    return world.view.chat_for_person(room.chat)


@router.get("/groups")
async def list_groups(world: TheWorld) -> list[JsonObject]:
    return [world.view.chat_for_person(room.chat) for room in world.rooms.all() if room.kind != "channel"]


@router.post("/groups")
async def add_group(new: NewGroup, world: TheWorld, people: ThePeople, members: TheMembers) -> JsonObject:
    people.person(new.owner)
    if new.kind == "group" and (new.is_forum or new.username):
        raise HTTPException(400, "a basic group has neither topics nor a name")
    with world.change():
        room = members.add_room(new.kind, new.title, new.username, new.owner, is_forum=new.is_forum)
        for user in new.members:
            members.set(room, Member(known_user(world, user), "member"), new.owner)
    return people.about(room.id)


@router.get("/chats/{room}")
async def about_room(room: int, people: ThePeople) -> JsonObject:
    return people.about(room)


@router.post("/chats/{room}/members")
@router.post("/channels/{room}/members")
async def set_member(
    room: int, new: NewMember, world: TheWorld, people: ThePeople, members: TheMembers
) -> JsonObject:
    """Adds, promotes, demotes, restricts or removes a user, as the person `by` (default: the user)."""
    member = Member(known_user(world, new.user), new.status, frozenset(new.rights))
    place = people.room(room)
    with world.change():
        changed = members.set(place, member, new.by or new.user)
    return world.view.member(changed, place.chat)


@router.post("/chats/{room}/invite")
async def invite(room: int, world: TheWorld, people: ThePeople) -> JsonObject:
    """A link by which people who use MTProto come in; bots learn nothing of it."""
    people.room(room)
    with world.change():
        return {"link": f"https://t.me/+{world.rooms.invite(room)}"}


@router.post("/chats/{room}/permissions")
async def set_permissions(room: int, new: Permissions, world: TheWorld, people: ThePeople) -> JsonObject:
    """What members may do who are no administrators."""
    people.room(room)
    with world.change():
        world.rooms.set_permissions(room, frozenset(new.permissions))
    return people.about(room)


@router.post("/chats/{room}/upgrade")
async def upgrade(room: int, wish: By, world: TheWorld, people: ThePeople, members: TheMembers) -> JsonObject:
    """Makes a supergroup of a basic group; answers with the supergroup."""
    group = people.room(room)
    if group.kind != "group" or group.migrated_to is not None:
        raise HTTPException(400, "only a basic group becomes a supergroup, once")
    with world.change():
        supergroup = members.upgrade(group, wish.by)
    return people.about(supergroup.id)


@router.post("/chats/{room}/topics")
async def add_topic(
    room: int, new: NewTopic, world: TheWorld, people: ThePeople, members: TheMembers
) -> JsonObject:
    forum = the_forum(people, room)
    with world.change():
        return topic_shown(members.add_topic(forum, new.name, new.by))


@router.post("/chats/{room}/topics/{thread}")
async def change_topic(
    room: int, thread: int, change: TopicChange, world: TheWorld, people: ThePeople, members: TheMembers
) -> JsonObject:
    forum = the_forum(people, room)
    topic = people.topic(forum, thread)
    with world.change():
        return topic_shown(members.set_topic_closed(forum, topic, change.by, closed=change.closed))


@router.delete("/chats/{room}/topics/{thread}")
async def remove_topic(
    room: int, thread: int, world: TheWorld, people: ThePeople, members: TheMembers
) -> JsonObject:
    """Deletes the topic with everything that was said in it."""
    forum = the_forum(people, room)
    topic = people.topic(forum, thread)
    with world.change():
        members.remove_topic(forum, topic)
    return topic_shown(topic)


def the_forum(people: People, room: int) -> Room:
    forum = people.room(room)
    if not forum.is_forum:
        raise HTTPException(400, "only a forum has topics")
    return forum
