"""What the doctor says of calls: modules, telephones, messages, campaigns, detector. Spanish first."""

WORK_TEXTS: dict[str, tuple[str, str]] = {
    "asterisk": (
        "Asterisk {version} (probado con {tried})",
        "Asterisk {version} (tried with {tried})",
    ),
    "asterisk_old": (
        "Asterisk {version} es demasiado antiguo: hace falta {oldest} o más",
        "Asterisk {version} is too old: {oldest} or newer is needed",
    ),
    "asterisk_starting": (
        "todavía está arrancando: no ha cargado todos sus módulos",
        "still starting: it has not loaded all its modules",
    ),
    "cure_asterisk_starting": (
        "Repita la comprobación dentro de un minuto. Si sigue así, lo último de "
        "/var/log/asterisk/messages.log dice qué módulo espera (a menudo un nombre que el DNS no resuelve).",
        "Check again in a minute. If it stays so, the end of /var/log/asterisk/messages.log says which "
        "module waits (often for a name that DNS does not resolve).",
    ),
    "cure_asterisk": (
        "Instale Asterisk {oldest} (paquetes asterisk, asterisk-modules) y conserve /etc/asterisk.",
        "Install Asterisk {oldest} (packages asterisk, asterisk-modules) and keep /etc/asterisk.",
    ),
    "modules": (
        "están los {count} módulos necesarios",
        "all {count} modules that are needed are there",
    ),
    "modules_missing": (
        "faltan módulos: {modules}",
        "modules missing: {modules}",
    ),
    "cure_modules": (
        "Instale asterisk-modules, quite su «noload» de la sección [modules] de modules.conf y reinicie "
        "Asterisk.",
        "Install asterisk-modules, take their “noload” out of section [modules] of modules.conf, restart "
        "Asterisk.",
    ),
    "modules_unasked": (
        "no se puede preguntar por los módulos",
        "modules cannot be asked for",
    ),
    "cure_modules_unasked": (
        "Cargue func_module.so (modules.conf) y reinicie Asterisk.",
        "Load func_module.so (modules.conf) and restart Asterisk.",
    ),
    "native_rtp_absent": (
        "bridge_native_rtp no está cargado",
        "bridge_native_rtp is not loaded",
    ),
    "native_rtp": (
        "bridge_native_rtp está cargado: los agentes se quedan sordos entre una persona y la siguiente",
        "bridge_native_rtp is loaded: agents go deaf between one person and the next",
    ),
    "cure_native_rtp": (
        "En modules.conf, sección [modules]: noload = bridge_native_rtp.so; reinicie Asterisk.",
        "In modules.conf, section [modules]: noload = bridge_native_rtp.so; restart Asterisk.",
    ),
    "codecs": (
        "cada uno habla un códec que se puede convertir",
        "each speaks a codec that can be converted",
    ),
    "codecs_none": (
        "sin un códec que Asterisk pueda convertir: {endpoints}",
        "without a codec that Asterisk can convert: {endpoints}",
    ),
    "cure_codecs": (
        "En pjsip.conf, en cada endpoint: disallow = all y allow = alaw,ulaw (navegadores: opus,ulaw); "
        "recárguelo.",
        "In pjsip.conf, at each endpoint: disallow = all and allow = alaw,ulaw (browsers: opus,ulaw); "
        "reload it.",
    ),
    "transport": (
        "las llamadas salen de Asterisk",
        "calls leave Asterisk",
    ),
    "transport_none": (
        "no hay transporte: ninguna llamada sale por {endpoints}",
        "there is no transport: no call leaves through {endpoints}",
    ),
    "cure_transport": (
        "En pjsip.conf: [udp] type = transport, protocol = udp, bind = 0.0.0.0; transport = udp en la "
        "troncal; reinicie Asterisk (recargar no basta).",
        "In pjsip.conf: [udp] type = transport, protocol = udp, bind = 0.0.0.0; transport = udp at the "
        "trunk; restart Asterisk (a reload is not enough).",
    ),
    "agents": (
        "están los endpoints de todos los agentes: {count}",
        "the endpoints of all agents are there: {count}",
    ),
    "agents_none": (
        "ningún agente tiene endpoint todavía",
        "no agent has an endpoint yet",
    ),
    "agents_absent": (
        "Asterisk no conoce el endpoint de estos agentes: {endpoints}",
        "Asterisk does not know the endpoint of these agents: {endpoints}",
    ),
    "cure_agents": (
        "Añádalos a pjsip.conf (endpoint, aor y auth de igual nombre) y recárguelo, o corrija el usuario.",
        "Add them to pjsip.conf (endpoint, aor and auth of that name) and reload it, or correct the account.",
    ),
    "websocket": (
        "los navegadores llegan a {url}",
        "browsers reach {url}",
    ),
    "websocket_ill": (
        "el navegador del agente no puede abrir {url}: {error}",
        "an agent's browser cannot open {url}: {error}",
    ),
    "cure_websocket": (
        "En http.conf: enabled = yes; cargue res_pjsip_transport_websocket; revise el proxy y "
        "CADENCIA_SIP_WS_URL.",
        "In http.conf: enabled = yes; load res_pjsip_transport_websocket; check the proxy and "
        "CADENCIA_SIP_WS_URL.",
    ),
    "events": (
        "llegan los sucesos de las llamadas",
        "the events of calls arrive",
    ),
    "events_missing": (
        "no llegan sucesos de las clases: {missing}; el marcador no se entera de nada",
        "no events of these classes arrive: {missing}; the dialer would notice nothing",
    ),
    "cure_events": (
        "En manager_cadencia.conf: read = system,call,user, y los eventfilter de esta versión; manager "
        "reload.",
        "In manager_cadencia.conf: read = system,call,user, and this version's eventfilter lines; manager "
        "reload.",
    ),
    "messages": (
        "se oyen los {count} mensajes",
        "all {count} messages are heard",
    ),
    "messages_missing": (
        "no se oye nada en lugar de: {paths}; quien es abandonado solo oye silencio",
        "nothing is heard in place of: {paths}; whoever is abandoned hears silence",
    ),
    "cure_messages": (
        "Ponga cada archivo ahí (.wav, 8 kHz mono), legible para el usuario de Asterisk, y cargue "
        "format_wav.",
        "Put each file there (.wav, 8 kHz mono), readable by Asterisk's user, and load format_wav.",
    ),
    "sounds_unset": (
        "CADENCIA_SOUNDS está vacío: quien se abandona solo oye silencio",
        "CADENCIA_SOUNDS is empty: whoever is abandoned hears silence",
    ),
    "cure_sounds": (
        "En extensions.conf, sección [globals]: CADENCIA_SOUNDS = la carpeta de es/safe-harbour.wav; "
        "dialplan reload.",
        "In extensions.conf, section [globals]: CADENCIA_SOUNDS = the folder of es/safe-harbour.wav; "
        "dialplan reload.",
    ),
    "recording": (
        "Asterisk escribe en {path} y Cadencia puede llevárselo",
        "Asterisk writes into {path} and Cadencia can take it away",
    ),
    "recording_absent": (
        "Asterisk no puede escribir en {path}: no se grabaría nada",
        "Asterisk cannot write into {path}: nothing would be recorded",
    ),
    "recording_stuck": (
        "Asterisk escribe en {path}, pero Cadencia no puede llevárselo: {error}",
        "Asterisk writes into {path}, but Cadencia cannot take it away: {error}",
    ),
    "cure_recording": (
        "Dé la carpeta (CADENCIA_RECORDINGS_SPOOL) a un grupo común de Asterisk y Cadencia: chgrp, chmod "
        "2770; si su unidad tiene ProtectSystem, ReadWritePaths = {path}.",
        "Give the folder (CADENCIA_RECORDINGS_SPOOL) to a group that Asterisk and Cadencia share: chgrp, "
        "chmod 2770; if its unit has ProtectSystem, ReadWritePaths = {path}.",
    ),
    "packs": (
        "las reglas se pueden usar; campañas: {count}",
        "the rules can be used; campaigns: {count}",
    ),
    "packs_ill": (
        "campañas que no llaman a nadie: {campaigns}",
        "campaigns that call nobody: {campaigns}",
    ),
    "settings_unread": (
        "sus ajustes no se entienden",
        "its settings cannot be understood",
    ),
    "pack_lab": (
        "{pack} es solo para el laboratorio",
        "{pack} is for the laboratory only",
    ),
    "pack_unknown": (
        "no hay reglas llamadas {pack}",
        "there is no rule pack {pack}",
    ),
    "pack_broken": (
        "{pack} no pasa sus propios ejemplos",
        "{pack} does not pass its own examples",
    ),
    "cure_packs": (
        "Elija otras reglas para cada una: Cartera → Ajustes → Reglas.",
        "Choose another rule pack for each: Portfolio → Settings → Rule pack.",
    ),
    "caller_ids": (
        "se pueden mostrar todos hoy",
        "all may be shown today",
    ),
    "caller_ids_ill": (
        "hoy no se pueden mostrar, y su campaña no llama: {campaigns}",
        "may not be shown today, and their campaigns call nobody: {campaigns}",
    ),
    "cure_caller_ids": (
        "Dé a la campaña un número propio en E.164 que sus reglas permitan, y regístrelo en Cartera → "
        "Números.",
        "Give the campaign a number of yours in E.164 that its rules permit, and register it in Portfolio "
        "→ Numbers.",
    ),
    "detector": (
        "escucha",
        "it listens",
    ),
    "detector_unasked": (
        "escucha, pero ninguna campaña se lo pide: un contestador llega a los agentes",
        "it listens, but no campaign asks it to: machines reach the agents",
    ),
    "detector_unneeded": (
        "no responde ({error}); ninguna campaña lo necesita",
        "it does not answer ({error}); no campaign needs it",
    ),
    "detector_dead": (
        "no responde ({error}): las llamadas de {campaigns} pasan sin examinar",
        "it does not answer ({error}): calls of {campaigns} go unscreened",
    ),
    "worker": ("trabaja; tareas que esperan: {waiting}", "it works; jobs that wait: {waiting}"),
    "worker_unneeded": ("ninguno, y nada lo espera", "there is none, and nothing waits for one"),
    "worker_away": (
        "no hay ninguno; tareas que esperan, como las importaciones: {waiting}",
        "there is none; jobs that wait, such as imports: {waiting}",
    ),
    "cure_worker": (
        "Arranque `cadencia run --role worker` (su unidad).",
        "Start `cadencia run --role worker` (its unit).",
    ),
    "cure_detector": (
        "Arranque `cadencia run --role progress` (su unidad) y revise CADENCIA_PROGRESS_HOST, _PORT, "
        "_CONTROL_PORT y _SECRET.",
        "Start `cadencia run --role progress` (its unit) and check CADENCIA_PROGRESS_HOST, _PORT, "
        "_CONTROL_PORT and _SECRET.",
    ),
    "relay": ("los navegadores preguntan a {urls}", "the browsers ask {urls}"),
    "relay_none": (
        "ni STUN ni TURN: los navegadores llegan a Asterisk sin ellos",
        "neither STUN nor TURN: the browsers reach Asterisk without them",
    ),
    "relay_no_secret": (
        "ningún navegador usa {urls}: sin CADENCIA_TURN_SECRET no hay credenciales",
        "no browser uses {urls}: without CADENCIA_TURN_SECRET there are no credentials",
    ),
    "cure_relay_no_secret": (
        "Ponga en CADENCIA_TURN_SECRET el static-auth-secret de su servidor TURN (coturn: use-auth-secret).",
        "Set CADENCIA_TURN_SECRET to the static-auth-secret of your TURN server (coturn: use-auth-secret).",
    ),
    "env_read": (
        "se leyó {path}, y el entorno, que manda",
        "{path} was read, and the environment, which wins",
    ),
    "env_none": (
        "no hay .env en {folder}: solo el entorno",
        "there is no .env in {folder}: the environment only",
    ),
}
