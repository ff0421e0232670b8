"""The plain alternative: a bot that only polls and answers /start, as python-telegram-bot's own examples do."""

import os

from telegram import Update
from telegram.ext import Application, CommandHandler, ContextTypes


async def start(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None:
        await update.message.reply_text("Hello, I am a plain bot.")


def main() -> None:
    api = os.environ["TELEGRAM_API_URL"]
    application = Application.builder().token(os.environ["BOT_TOKEN"]).base_url(f"{api}/bot").build()
    application.add_handler(CommandHandler("start", start))
    application.run_polling()


if __name__ == "__main__":
    main()
