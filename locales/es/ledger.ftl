# El registro: lo que se anota del archivo en el propio Telegram.
check-ledger = canal del registro
found-ledger = { $number ->
    [0] puedo publicar allí; todavía no hay nada anotado
    [one] hay { $number } manifiesto anotado allí
   *[other] hay { $number } manifiestos anotados allí
}
found-ledger-unset = LEDGER_CHANNEL no está definido: si se pierde la base de datos, nadie podrá rehacerla desde Telegram. Crea un canal privado, hazme administrador que pueda publicar y borrar, y pon su id.
found-ledger-closed = No puedo publicar allí. El propietario tiene que hacerme administrador del canal del registro con permiso para publicar.
found-ledger-rebuilding = Se empezó a rehacer la base de datos y no se terminó: detén Magpie y llama de nuevo a magpie rebuild.
found-ledger-other-key = Está firmado con otra clave que la de este Magpie: copia en esta carpeta de datos el ledger.key de la máquina que lo empezó.
found-ledger-key = No se puede leer la clave de DATA_DIR/ledger.key: restaura ese archivo.

lost-posts = ⚠ { $count ->
    [one] Hay una obra con publicaciones que ya no están en el archivo:
   *[other] Hay { $count } obras con publicaciones que ya no están en el archivo:
}
    { $titles }{ $more ->
    [0] {""}
   *[other] {""} … y { $more } más
}
    He mirado, y nada más allí tiene los mismos bytes. Quien pida una de ellas otra vez la recibirá descargada de nuevo.
