## Lo que se quiere de un canal
grab-too-long = «{ $part }» es demasiado largo: como mucho { $most } caracteres.
grab-unreadable = En «{ $part }» hay caracteres de control, que nadie ve. Escríbelo de nuevo.
grab-quotes = Las comillas de «{ $part }» no casan. Van alrededor de palabras enteras: una delante y otra detrás.
grab-slashes = «{ $part }» empieza como un patrón pero no termina como tal: va entre dos barras. Si son palabras que empiezan con una barra, ponlas entre comillas.
grab-empty = En «{ $part }» no hay nada que buscar.
grab-unknown = «{ $part }» parece un filtro, pero solo conozco { $names }. Si te refieres a las palabras, ponlas entre comillas.
grab-kind = «{ $part }» no es ningún tipo. Los hay: { $names }.
grab-misread = No entiendo «{ $part }». Escríbelo así: { $example }. Si te refieres a las palabras, ponlas entre comillas.
grab-twice = «{ $part }»: solo uno de estos, por favor.
grab-nothing = «{ $part }»: nada puede ser así.
grab-timeless = «{ $part }»: las fotos y los documentos no tienen duración.
folder-busy = Alguien más está llenando esta carpeta en este momento.
