"""The methods that the simulator has, by name. getUpdates, which waits, is in `simulator.bot_api`."""

from collections.abc import Callable
from typing import Any

from simulator.methods import bot, chat, edit, inline, send
from simulator.methods.call import Call

METHODS: dict[str, Callable[[Call], Any]] = {
    "getMe": bot.get_me,
    "getWebhookInfo": bot.get_webhook_info,
    "deleteWebhook": bot.delete_webhook,
    "setMyCommands": bot.set_my_commands,
    "getMyCommands": bot.get_my_commands,
    "deleteMyCommands": bot.delete_my_commands,
    "answerCallbackQuery": bot.answer_callback_query,
    "answerInlineQuery": inline.answer_inline_query,
    "getFile": bot.get_file,
    "sendMessage": send.send_message,
    "sendPhoto": send.send_photo,
    "sendVideo": send.send_video,
    "sendAudio": send.send_audio,
    "sendDocument": send.send_document,
    "sendAnimation": send.send_animation,
    "sendMediaGroup": send.send_media_group,
    "sendChatAction": send.send_chat_action,
    "copyMessage": send.copy_message,
    "copyMessages": send.copy_messages,
    "forwardMessage": send.forward_message,
    "forwardMessages": send.forward_messages,
    "editMessageText": edit.edit_message_text,
    "editMessageCaption": edit.edit_message_caption,
    "editMessageMedia": edit.edit_message_media,
    "editMessageReplyMarkup": edit.edit_message_reply_markup,
    "deleteMessage": edit.delete_message,
    "deleteMessages": edit.delete_messages,
    "getChat": chat.get_chat,
    "getChatMember": chat.get_chat_member,
    "getChatAdministrators": chat.get_chat_administrators,
    "getChatMemberCount": chat.get_chat_member_count,
    "leaveChat": chat.leave_chat,
}
METHOD_NAMES = ("getUpdates", *METHODS)
