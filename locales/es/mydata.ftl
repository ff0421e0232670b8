# /mydata

command-mydata = Qué guardo de ti
help-mydata = /mydata — qué guardo de ti: recíbelo todo, o haz que lo borre
mydata-headline = 🗂 <b>Qué guardo de ti</b>
mydata-member = 👤 Tu nombre ({ $name }), tu número y tu idioma en Telegram, y lo que elegiste en /settings
mydata-orders = 📥 { $count ->
    [one] Un pedido
   *[other] { $count } pedidos
}
mydata-works = 📚 { $count ->
    [one] Una obra de la biblioteca que pediste tú
   *[other] { $count } obras de la biblioteca que pediste tú
}
mydata-searches = 🔎 { $count ->
    [one] Una búsqueda, con lo que encontró
   *[other] { $count } búsquedas, con lo que encontraron
}
mydata-library-searches = 🔎 { $count ->
    [one] Una búsqueda en la biblioteca
   *[other] { $count } búsquedas en la biblioteca
}
mydata-favourites = ★ { $count ->
    [one] Un favorito
   *[other] { $count } favoritos
}
mydata-alerts = 🔔 { $count ->
    [one] Una cosa de la que quieres saber cuando llegue
   *[other] { $count } cosas de las que quieres saber cuando lleguen
}
mydata-collections = 🗂 { $count ->
    [one] Una colección que hiciste
   *[other] { $count } colecciones que hiciste
}
mydata-feeds = 📰 { $count ->
    [one] Una fuente, con lo que había en ella
   *[other] { $count } fuentes, con lo que había en ellas
}
mydata-grabs = 📡 { $count ->
    [one] Un canal que me hiciste recorrer
   *[other] { $count } canales que me hiciste recorrer
}
mydata-intakes = 🗄 { $count ->
    [one] Un canal que me hiciste incorporar a la biblioteca
   *[other] { $count } canales que me hiciste incorporar a la biblioteca
}
mydata-deliveries = 📬 { $count ->
    [one] La nota de un resultado que te envié
   *[other] Las notas de { $count } resultados que te envié
}
mydata-cards = 💬 { $count ->
    [one] Un mensaje mío para ti
   *[other] { $count } mensajes míos para ti
}
mydata-updates = <i>Lo que me envías se guarda además tal como llegó, hasta dos días después de atenderlo, para que no se pierda nada.</i>
mydata-owner-stays = Soy de tu propiedad, así que no puedo olvidarte.
mydata-private = Lo que guardo de ti queda entre nosotros: envía /mydata en nuestro propio chat.
mydata-file = Todo lo que guardo de ti
mydata-sent = Aquí está.
mydata-too-much = Es más de lo que puedo enviar. Pídeselo a quien me administra.
mydata-ask = 🗑 <b>¿Borro todo lo que guardo de ti?</b>
mydata-goes = <b>Se borra:</b> tu nombre y tus ajustes, pedidos, búsquedas, favoritos, colecciones, fuentes y los botones de mis mensajes. No podré recuperarlo.
mydata-stays = <b>Se queda:</b> lo que archivaste sigue en la biblioteca para los demás, sin tu nombre; también las colecciones que todos ven. Lo que solo estaba en este chat se queda en este chat, y en ningún otro sitio.
mydata-cancels = ⚠ { $count ->
    [one] Hay un pedido en marcha. Se cancela.
   *[other] Hay { $count } pedidos en marcha. Se cancelan.
}
mydata-busy = Se está recorriendo ahora mismo un canal o una fuente para ti. Ya lo he parado; inténtalo otra vez en unos minutos.
mydata-deleted = 🗑 He borrado todo lo que guardaba de ti. ¡Hasta siempre!
button-mydata-take = Dámelo todo
button-mydata-delete = Bórralo
button-mydata-yes = Sí, bórralo todo
