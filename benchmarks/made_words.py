"""The words that made names begin with, the commonest first, and the syllables that the rare ones are composed of."""

from dataclasses import dataclass

_GIVEN = """
Anna Ben Carla David Elena Felix Greta Hugo Ida Jonas Klara Leo Maria Nina Oskar Paula Rosa Simon Tara Viktor Wanda Yara
Adam Bela Clara Dana Emil Flora Gustav Hanna Ivan Julia Karol Lena Marek Nora Otto Petra Radek Sofia Tomas Vera Zofia
Ayşe Mehmet Çağla Łucja Žofie Zdeněk Øyvind Åsa João Inês Séverine Noël François Jürgen Søren Björn Håkon Małgorzata
"""
_CYRILLIC = (
    "Андрей Борис Вера Галина Дарья Егор Зоя Иван Лидия Мария Олег Роман Тарас Оксана Леся Богдан Юлия Фёдор"
)


@dataclass(frozen=True)
class Tongue:
    """One language. `share` is how much of an archive is in it, `tail` how many rare words it has."""

    code: str
    share: float
    tail: int
    common: str
    syllables: str
    between: str = " "
    titled: bool = False
    """Every word begins with a capital letter, not only the first."""
    small: int = 12
    """How many of the common words no title ends with."""
    given: str = _GIVEN


_EN = """
the of and a in to on my is at for with from no you it night love day man last world time life girl house black dark
little big old new one two first good lost dead great long white red blue blood heart home king queen prince lady boy
woman men children mother father brother sister son daughter friend stranger road street city town island river sea
ocean mountain forest garden winter summer spring autumn morning evening midnight sunday monday moon sun star stars sky
fire water wind rain snow storm stone gold silver iron glass paper book story tale letter song music dance dream dreams
secret silence shadow shadows light darkness ghost devil angel god heaven hell earth war peace battle soldier army
return rise fall end beginning journey way bridge door window room wall train ship boat car wheel machine power game
play death murder crime case mystery detective doctor master captain general hunter killer thief witch wolf bear lion
tiger horse dog cat bird birds eagle dragon snake fish bee rose flower tree apple honey bread wine coffee tea kitchen
school teacher student hotel hospital prison castle tower church temple market circus theatre station harbour border
north south east west country nation empire kingdom century year years days hours minutes memory hope fear pride truth
lies justice freedom revenge honour glory fortune money price gift promise escape chase hunt search rescue flight
arrival departure crossing live best greatest hits collection complete volume part chapter edition original remastered
session concert symphony sonata quartet suite prelude blues jazz rock folk soul ballad waltz march lullaby christmas
history art science nature travel guide handbook introduction theory practice principles modern ancient wild hidden
broken silent golden burning frozen forgotten lonely brave happy strange beautiful perfect simple common final second
third seven nine hundred thousand under over beyond between without against before after behind above across
"""
_DE = """
der die das und ein eine im von in mit zu auf für nach am aus bei ohne über unter zwischen nacht tag liebe leben tod
welt zeit mann frau kind kinder mädchen junge vater mutter bruder schwester sohn tochter freund fremde haus stadt dorf
straße weg brücke tür fenster garten wald berg fluss meer insel himmel erde feuer wasser wind regen schnee sturm stein
gold silber eisen glas buch geschichte märchen brief lied lieder musik tanz traum träume geheimnis stille schatten licht
dunkel geist teufel engel gott hölle krieg frieden schlacht soldat könig königin prinz rückkehr ende anfang reise zug
schiff wagen rad maschine spiel mord fall kommissar doktor meister jäger dieb hexe wolf bär löwe pferd hund katze vogel
rose blume baum apfel brot wein kaffee küche schule lehrer hotel schloss turm kirche markt bahnhof hafen grenze norden
süden osten westen land reich jahrhundert jahr jahre tage stunden erinnerung hoffnung angst wahrheit lüge freiheit
ehre glück geld preis flucht jagd suche sommer winter frühling herbst morgen abend sonntag mond sonne stern schwarz
weiß rot blau grün alt neu groß klein letzte erste zweite schön wild verloren vergessen still golden weihnachten folge
teil band sammlung konzert sinfonie sonate kapitel handbuch einführung grundlagen bilder wanderung urlaub größte
"""
_ES = """
de la el los las y en un una del con por para sin sobre entre noche día amor vida muerte mundo tiempo hombre mujer niño
niña padre madre hermano hija amigo casa ciudad pueblo calle camino puente puerta ventana jardín bosque montaña río mar
isla cielo tierra fuego agua viento lluvia nieve piedra oro plata hierro cristal libro historia cuento carta canción
música baile sueño sueños secreto silencio sombra luz fantasma diablo ángel dios infierno guerra paz batalla rey reina
regreso fin principio viaje tren barco juego crimen caso doctor capitán ladrón lobo león caballo perro gato pájaro rosa
flor árbol pan vino café escuela hotel castillo torre iglesia mercado estación frontera norte sur país imperio siglo año
años memoria esperanza miedo verdad mentira libertad honor fortuna dinero verano invierno primavera otoño mañana tarde
domingo luna sol estrella negro blanco rojo azul verde viejo nuevo grande pequeño último primera hermosa perdido
corazón sangre parte capítulo colección concierto grandes éxitos flamenco tango guitarra vacaciones curso manual
"""
_FR = """
de la le les et du des un une en au aux dans sur sans pour avec nuit jour amour vie mort monde temps homme femme enfant
fille père mère frère sœur fils ami maison ville village rue chemin pont porte fenêtre jardin forêt montagne rivière mer
île ciel terre feu eau vent pluie neige pierre or argent fer verre livre histoire conte lettre chanson musique danse
rêve rêves secret silence ombre lumière fantôme diable ange dieu enfer guerre paix bataille roi reine retour fin début
voyage train bateau jeu crime affaire docteur capitaine voleur loup lion cheval chien chat oiseau rose fleur arbre pain
vin café école hôtel château tour église marché gare frontière nord sud pays empire siècle an années mémoire espoir peur
vérité mensonge liberté honneur argent été hiver printemps automne matin soir dimanche lune soleil étoile noir blanc
rouge bleu vert vieux nouveau grand petit dernier première belle perdu cœur sang partie chapitre recueil concert
"""
_PL = """
w i na z o do nie się po za dla od bez pod nad noc dzień miłość życie śmierć świat czas człowiek kobieta dziecko dzieci
dziewczyna ojciec matka brat siostra syn córka przyjaciel dom miasto wieś ulica droga most drzwi okno ogród las góra
rzeka morze wyspa niebo ziemia ogień woda wiatr deszcz śnieg kamień złoto srebro żelazo szkło książka historia bajka
list pieśń piosenka muzyka taniec sen sny tajemnica cisza cień światło duch diabeł anioł bóg wojna pokój bitwa król
królowa powrót koniec początek podróż pociąg statek gra zbrodnia sprawa doktor kapitan złodziej wilk lew koń pies kot
ptak róża kwiat drzewo chleb wino szkoła zamek wieża kościół granica północ południe kraj wiek rok lata pamięć nadzieja
strach prawda kłamstwo wolność honor lato zima wiosna jesień ranek wieczór księżyc słońce gwiazda czarny biały czerwony
stary nowy wielki mały ostatni pierwsza piękna zgubiony serce krew część rozdział zbiór koncert przeboje opowiadania
"""
_CS = """
a v na se o do z za po od bez pod nad pro noc den láska život smrt svět čas člověk žena dítě děti dívka otec matka bratr
sestra syn dcera přítel dům město vesnice ulice cesta most dveře okno zahrada les hora řeka moře ostrov nebe země oheň
voda vítr déšť sníh kámen zlato stříbro železo sklo kniha příběh pohádka dopis píseň hudba tanec sen sny tajemství ticho
stín světlo duch čert anděl bůh válka mír bitva král královna princezna návrat konec začátek vlak loď hra zločin případ
doktor kapitán zloděj vlk lev kůň pes kočka pták růže květ strom chléb víno škola hrad věž kostel hranice sever jih země
století rok léta paměť naděje strach pravda lež svoboda léto zima jaro podzim ráno večer měsíc slunce hvězda černý bílý
červený modrý starý nový velký malý poslední první krásná ztracený srdce krev část kapitola sbírka koncert povídky
"""
_RU = """
и в на не с о по за из от без для под над ночь день любовь жизнь смерть мир время человек женщина дитя дети девушка отец
мать брат сестра сын дочь друг дом город деревня улица дорога мост дверь окно сад лес гора река море остров небо земля
огонь вода ветер дождь снег камень золото серебро железо стекло книга история сказка письмо песня музыка танец сон сны
тайна тишина тень свет дух чёрт ангел бог война битва король королева возвращение конец начало путь поезд корабль игра
убийство дело доктор капитан вор волк лев конь собака кошка птица роза цветок дерево хлеб вино школа замок башня церковь
граница север юг страна век год годы память надежда страх правда ложь свобода честь лето зима весна осень утро вечер
луна солнце звезда чёрный белый красный синий старый новый большой маленький последний первая красивая потерянный сердце
кровь часть глава сборник концерт избранное рассказы серия том
"""
_UK = """
і в на не з про по за від без для під над ніч день кохання життя смерть світ час людина жінка дитина діти дівчина батько
мати брат сестра син дочка друг дім місто село вулиця дорога міст двері вікно сад ліс гора річка море острів небо земля
вогонь вода вітер дощ сніг камінь золото срібло залізо скло книга історія казка лист пісня музика танець сон тайна тиша
тінь світло дух чорт янгол бог війна битва король повернення кінець початок шлях поїзд корабель гра справа лікар козак
вовк лев кінь пес кіт птах троянда квітка дерево хліб вино школа замок вежа церква кордон північ південь країна вік рік
роки пам'ять надія страх правда воля честь літо зима весна осінь ранок вечір місяць сонце зірка чорний білий червоний
синій старий новий великий малий останній перша гарна серце кров частина розділ збірка концерт вибране оповідання
"""
_EL = """
ο η το και του της των στο στη με από για χωρίς νύχτα μέρα αγάπη ζωή θάνατος κόσμος χρόνος άνθρωπος γυναίκα παιδί παιδιά
κορίτσι πατέρας μητέρα αδελφός κόρη φίλος σπίτι πόλη χωριό δρόμος γέφυρα πόρτα παράθυρο κήπος δάσος βουνό ποτάμι θάλασσα
νησί ουρανός γη φωτιά νερό άνεμος βροχή χιόνι πέτρα χρυσός βιβλίο ιστορία παραμύθι γράμμα τραγούδι τραγούδια μουσική
χορός όνειρο μυστικό σιωπή σκιά φως θεός άγγελος πόλεμος ειρήνη βασιλιάς επιστροφή τέλος αρχή ταξίδι τρένο πλοίο παιχνίδι
λύκος άλογο σκύλος γάτα πουλί τριαντάφυλλο δέντρο ψωμί κρασί σχολείο κάστρο εκκλησία χώρα αιώνας χρόνια μνήμη ελπίδα
φόβος αλήθεια ψέμα ελευθερία καλοκαίρι χειμώνας άνοιξη φθινόπωρο πρωί βράδυ φεγγάρι ήλιος αστέρι μαύρο άσπρο κόκκινο
μπλε παλιός νέος μεγάλος μικρός τελευταίος πρώτη καρδιά αίμα μέρος κεφάλαιο συλλογή συναυλία διηγήματα
"""
_JA = """
の と 夜 日 愛 恋 命 死 世界 時 男 女 子供 少女 少年 父 母 兄 妹 友 家 町 村 道 橋 扉 窓 庭 森 山 川 海 島 空 大地 火 水 風 雨 雪 石 金 銀
鉄 本 物語 手紙 歌 音楽 踊り 夢 秘密 影 光 鬼 神 天使 戦争 平和 王 姫 帰り 終わり 始まり 旅 列車 船 遊び 殺人 事件 先生 泥棒 狼 馬 犬
猫 鳥 花 桜 木 酒 茶 学校 城 塔 寺 駅 港 国 世紀 記憶 希望 真実 嘘 自由 夏 冬 春 秋 朝 夕 月 太陽 星 黒 白 赤 青 古い 新しい 大きな
小さな 最後 初めて 美しい 心 血 東京 京都 大阪 銀河 機械 探偵 冒険 伝説 日記 人形 電車 さくら ひかり こころ ふるさと アニメ ドラマ
コンサート ベスト コレクション サウンドトラック 劇場版 完全版 第一話 特別編
"""
_ZH = """
的 夜 日 爱 情 生命 死 世界 时间 男人 女人 孩子 少年 父亲 母亲 兄弟 朋友 家 城市 村 路 桥 门 窗 花园 森林 山 河 海 岛 天空 大地 火 水 风
雨 雪 石 金 银 铁 书 故事 信 歌 音乐 舞 梦 秘密 影 光 鬼 神 天使 战争 和平 王 公主 归来 结束 开始 旅行 火车 船 游戏 案 医生 狼 狮子 马
狗 猫 鸟 玫瑰 花 树 酒 茶 学校 城堡 塔 寺 车站 国 世纪 记忆 希望 真相 自由 夏 冬 春 秋 早晨 黄昏 月亮 太阳 星 黑 白 红 蓝 老 新 大 小
最后 第一 美丽 心 血 北京 上海 长江 江湖 英雄 侠 传奇 日记 精选 演唱会 合集 电影 第一集 全集 小说
"""
_AR = """
في من على إلى عن مع ليل ليلة يوم حب حياة موت عالم زمن رجل امرأة طفل أطفال بنت أب أم أخ أخت ابن صديق بيت مدينة قرية شارع
طريق جسر باب نافذة حديقة غابة جبل نهر بحر جزيرة سماء أرض نار ماء ريح مطر ثلج حجر ذهب فضة حديد كتاب قصة حكاية رسالة أغنية
أغاني موسيقى رقص حلم أحلام سر صمت ظل نور شيطان ملاك حرب سلام معركة ملك ملكة عودة نهاية بداية رحلة قطار سفينة لعبة جريمة
طبيب لص ذئب أسد حصان كلب قط طائر وردة زهرة شجرة خبز قهوة مدرسة قصر برج مسجد سوق حدود شمال جنوب بلد قرن سنة ذاكرة أمل خوف
حقيقة حرية صيف شتاء ربيع خريف صباح مساء قمر شمس نجمة أسود أبيض أحمر أزرق قديم جديد كبير صغير قلب دم جزء الحلقة مجموعة
"""
_TR = """
ve bir bu ile için gece gün aşk hayat ölüm dünya zaman adam kadın çocuk çocuklar kız baba anne kardeş oğul arkadaş ev
şehir köy sokak yol köprü kapı pencere bahçe orman dağ nehir deniz ada gök toprak ateş su rüzgâr yağmur kar taş altın
gümüş demir cam kitap hikâye masal mektup şarkı müzik dans rüya sır sessizlik gölge ışık şeytan melek savaş barış kral
kraliçe dönüş son başlangıç yolculuk tren gemi oyun cinayet doktor kaptan hırsız kurt aslan at köpek kedi kuş gül çiçek
ağaç ekmek şarap okul kale kule cami sınır kuzey güney ülke yüzyıl yıl yıllar hafıza umut korku gerçek yalan özgürlük
yaz kış ilkbahar sonbahar sabah akşam ay güneş yıldız kara beyaz kırmızı mavi yeşil eski yeni büyük küçük ilk güzel
kayıp kalp kan bölüm seçme konser öyküler
"""

_LATIN = (
    "ba be bel bor bra ca can cha cor da del dor dra el en er fa fel gar gra ha hal hen il in ka kar ken la lan len lin lo "
    "lor ma man mar mel mi mon mor na nel ner no or os pa per pol pra ra ran rel ri rin ro ros sa sel ser son sta ta tan "
    "ter ti tor tra va ver vi vor wa wen win"
)
TONGUES = (
    Tongue(
        "en", 0.40, 62_000, _EN, _LATIN + " ing ly ed ness wood ton ford field burn shire wick", titled=True
    ),
    Tongue(
        "de", 0.14, 38_000, _DE, _LATIN + " ung heit schaft lich berg stein schl tz burg feld über größ mäd"
    ),
    Tongue("es", 0.08, 20_000, _ES, _LATIN + " ción dad ero illa ito ñez gue ría que za llo"),
    Tongue("fr", 0.08, 20_000, _FR, _LATIN + " eau ment tion eur euse ière oir gné ville çon aux"),
    Tongue("pl", 0.05, 20_000, _PL, _LATIN + " ski owa ość nie szcz cza dzi rze łow ąc ew ńska"),
    Tongue("cs", 0.05, 20_000, _CS, _LATIN + " ová ský ení ost ček žka řád ště vý ník"),
    Tongue(
        "ru",
        0.08,
        31_000,
        _RU,
        "ба бе бо ва ве во га го да де до ен ер жа за зо ка ки ко кра ла ле ло ма ме мо на не но об ов па пе по пре про ра ре "
        "ро са се со ста та те то ту у ха хо ца ча че ша ше ский ная ный ость ение ать ить ник ство",
        given=_CYRILLIC,
    ),
    Tongue(
        "uk",
        0.03,
        20_000,
        _UK,
        "ба бе бі ва ве ві га гі да де ді ен ер жа за зі ка кі ко кра ла лі ло ма мі мо на ні но об ов па пі по при про ра рі "
        "ро са сі со ста та ті то у ха хі ча ші ський ння ість ати ити ник ство їв",
        given=_CYRILLIC,
    ),
    Tongue(
        "el",
        0.02,
        12_000,
        _EL,
        "α βα γα γρα δα δε ε ζω θα θε κα κο κρι λα λε λο μα με μο να νο ξε πα πε πο πρα ρα ρο σα σε στα τα τε το τρι φα φι χα "
        "χο ψα ος ης ία ικός ματα ση ων",
        given="Δήμητρα Νίκος Ελένη Κώστας Μαρία Γιώργος Σοφία Πέτρος",
    ),
    Tongue(
        "ja",
        0.03,
        15_000,
        _JA,
        "ア イ カ キ ク コ サ シ ス タ ト ナ ニ ハ マ ミ ラ リ ル ン 天 地 人 水 火 風 花 雪 月 山 川 田 中 木 林 本 大 小 上 下 東 西 南 北 高 光 心 "
        "夢 文 学 生 行 見 聞 語 音 美 真 明 白 青 赤 黒 の を に",
        between="",
        small=2,
        given="健 花子 美咲 太郎 明 翔 葵 陽子 直樹 千夏",
    ),
    Tongue(
        "zh",
        0.02,
        12_000,
        _ZH,
        "天 地 人 水 火 风 花 雪 月 山 河 田 中 木 林 本 大 小 上 下 东 西 南 北 高 光 心 梦 文 学 生 行 见 闻 语 音 美 真 明 白 青 赤 黑 国 家 长 "
        "江 龙 虎 马 鸟 鱼 云 石 金 银 玉 王 子 女 少 老 新 古 道 德 经 书",
        between="",
        small=1,
        given="丽 伟 芳 敏 静 强 磊 洋 艳 勇",
    ),
    Tongue(
        "ar",
        0.01,
        8_000,
        _AR,
        "ال با بي تا جا حا حر خا دا در را رس زا سا سل شا صا ضا طا عا عر غا فا قا قر كا كت لا ما مد مك نا نو ها هر وا يا ية ون ين ات",
        small=6,
        given="أحمد ليلى سمير فاطمة نور خالد مريم يوسف",
    ),
    Tongue("tr", 0.01, 10_000, _TR, _LATIN + " lar ler lık cı mek mak öğ üş ğı şan çı", small=5),
)
ENSEMBLES = """
Quartet Trio Orchestra Ensemble Band Choir Brothers Sisters Project Collective Philharmonic Duo
Players
"""
TOPICS = """
drama comedy thriller horror scifi fantasy documentary animation western noir crime war history romance family kids
musical silent classic jazz rock pop folk classical electronic ambient metal punk blues soul funk reggae techno opera
choir piano guitar violin soundtrack live compilation remaster vinyl radio podcast audiobook novel stories poetry essay
biography science maths physics biology chemistry medicine law economics philosophy religion politics travel cooking
garden sport chess programming python manual textbook magazine comic manga anime photos scans maps posters painting
architecture holiday concert theatre lecture course language german french spanish polish czech russian ukrainian greek
japanese chinese arabic turkish english dubbed subtitled restored rare favourite unsorted checked later flac lossless
"""
