"""What the doctor says, Spanish first, English second."""

from dialer.doctor.texts_work import WORK_TEXTS

TEXTS: dict[str, tuple[str, str]] = {
    "timed_out": ("sin respuesta en {seconds:g} s", "no answer within {seconds:g} s"),
    "cure_timed_out": (
        "Compruebe que el servicio responde y que ningún cortafuegos lo bloquea.",
        "Check that the service answers and that no firewall blocks it.",
    ),
    "broke": ("la comprobación falló: {error}", "the check itself failed: {error}"),
    "cure_broke": (
        "Es un defecto de Cadencia: envíe esta línea a quien la mantiene.",
        "This is a defect of Cadencia: send this line to its maintainers.",
    ),
    "not_asked": (
        "no se pudo preguntar: antes falló «{first}»",
        "could not be asked: “{first}” failed first",
    ),
    "cure_not_asked": ("Cure antes «{first}».", "Cure “{first}” first."),
    "database": ("PostgreSQL {version}", "PostgreSQL {version}"),
    "database_down": ("no se puede usar: {error}", "cannot be used: {error}"),
    "cure_database": (
        "Arranque PostgreSQL y revise CADENCIA_DATABASE_URL (dirección, usuario, contraseña, base).",
        "Start PostgreSQL and check CADENCIA_DATABASE_URL (address, user, password, database).",
    ),
    "migrated": ("esquema al día ({count} migraciones)", "schema up to date ({count} migrations)"),
    "not_migrated": ("faltan migraciones: {missing}", "migrations missing: {missing}"),
    "strange_migrations": (
        "el esquema no es de esta versión: {error}",
        "the schema is not of this version: {error}",
    ),
    "cure_not_migrated": ("Ejecute `cadencia migrate`.", "Run `cadencia migrate`."),
    "cure_strange_migrations": (
        "La base es de una versión más nueva: instale esa versión de Cadencia.",
        "The database is of a newer version: install that version of Cadencia.",
    ),
    "clock": (
        "a {drift:.3f} s de PostgreSQL; si hay NTP no se puede saber desde aquí",
        "{drift:.3f} s from PostgreSQL; whether NTP runs cannot be seen from here",
    ),
    "cure_clock": (
        "Active NTP en ambas máquinas (por ejemplo `timedatectl set-ntp true`).",
        "Turn on NTP on both machines (for example `timedatectl set-ntp true`).",
    ),
    "redis": ("{product} {version}", "{product} {version}"),
    "redis_down": ("no se puede usar: {error}", "cannot be used: {error}"),
    "redis_old": (
        "{product} {version}: hacen falta streams (5.0 o más)",
        "{product} {version}: streams needed (5.0+)",
    ),
    "cure_redis": (
        "Arranque Redis o Valkey y revise CADENCIA_REDIS_URL (dirección, contraseña, número de base).",
        "Start Redis or Valkey and check CADENCIA_REDIS_URL (address, password, database number).",
    ),
    "ami": ("Asterisk {version} en {address}", "Asterisk {version} at {address}"),
    "ami_down": ("no se puede conectar con {address}: {error}", "cannot connect to {address}: {error}"),
    "cure_ami_down": (
        "Arranque Asterisk, ponga enabled = yes en manager.conf y revise CADENCIA_AMI_HOST y "
        "CADENCIA_AMI_PORT.",
        "Start Asterisk, set enabled = yes in manager.conf and check CADENCIA_AMI_HOST and "
        "CADENCIA_AMI_PORT.",
    ),
    "ami_refused": ("Asterisk rechaza a «{user}»: {error}", "Asterisk refuses “{user}”: {error}"),
    "cure_ami_refused": (
        "Revise CADENCIA_AMI_USER y CADENCIA_AMI_SECRET con manager.conf (secret, permit) y recárguelo.",
        "Compare CADENCIA_AMI_USER and CADENCIA_AMI_SECRET with manager.conf (secret, permit), then "
        "reload it.",
    ),
    "rights": ("puede dar todas las órdenes", "may give every order"),
    "rights_plenty": (
        "puede dar todas las órdenes, y otras que no necesita: {extra}",
        "may give every order, and others it does not need: {extra}",
    ),
    "rights_missing": ("no puede dar: {missing}", "may not give: {missing}"),
    "cure_rights": (
        "En manager.conf: write = call,originate,reporting y read = system,call,user; cargue app_mixmonitor.",
        "In manager.conf: write = call,originate,reporting and read = system,call,user; load app_mixmonitor.",
    ),
    "dialplan": (
        "versión {version}, están los {count} contextos de Cadencia",
        "version {version}, all {count} contexts of Cadencia are there",
    ),
    "dialplan_version": (
        "el plan de marcado tiene la versión {found}, hace falta la {wanted}: no se marca",
        "the dialplan has version {found}, not {wanted}: nothing is dialled",
    ),
    "dialplan_missing": ("faltan contextos: {missing}", "contexts missing: {missing}"),
    "cure_dialplan": (
        "Copie extensions_cadencia.conf de esta versión al plan de marcado de su Asterisk y recárguelo"
        " (dialplan reload).",
        "Copy this version's extensions_cadencia.conf into the dialplan of your Asterisk and reload it"
        " (dialplan reload).",
    ),
    "redis_closed": ("cerrado a extraños", "closed to strangers"),
    "redis_open": ("abierto, sin contraseña: {where}", "open, no password: {where}"),
    "cure_redis_open": (
        "Ponga requirepass en su configuración (y la contraseña en CADENCIA_REDIS_URL), o «bind 127.0.0.1» y"
        " «protected-mode yes».",
        "Set requirepass in its configuration (and the password in CADENCIA_REDIS_URL), or “bind 127.0.0.1”"
        " and “protected-mode yes”.",
    ),
    "cookies": ("solo por {origin}", "only over {origin}"),
    "cookies_here": ("solo en esta máquina, sin HTTPS", "on this machine only, without HTTPS"),
    "cookies_insecure": (
        "las cookies pueden salir también por HTTP, aunque el origen es {origin}",
        "cookies may travel over HTTP too, though the origin is {origin}",
    ),
    "cure_cookies_insecure": ("Ponga CADENCIA_COOKIE_SECURE=true.", "Set CADENCIA_COOKIE_SECURE=true."),
    "cookies_plain": (
        "las consolas escuchan en {host} sin HTTPS: quien esté en la red puede leer sesiones y contraseñas",
        "the consoles listen on {host} without HTTPS: anybody on the network can read sessions and passwords",
    ),
    "cure_cookies_plain": (
        "Ponga un proxy con HTTPS delante, CADENCIA_WEB_ORIGIN=https://…, CADENCIA_COOKIE_SECURE=true y"
        " CADENCIA_TRUSTED_PROXIES.",
        "Put an HTTPS proxy before them, and set CADENCIA_WEB_ORIGIN=https://…, CADENCIA_COOKIE_SECURE=true"
        " and CADENCIA_TRUSTED_PROXIES.",
    ),
    "proxy": ("proxies de confianza: {proxies}", "trusted proxies: {proxies}"),
    "proxy_unknown": (
        "detrás de un proxy sin nombrar: todos los que entran cuentan como una sola dirección",
        "behind a proxy that is not named: all who log in count as one address",
    ),
    "cure_proxy_unknown": (
        "Ponga en CADENCIA_TRUSTED_PROXIES la dirección del proxy (127.0.0.1 si está en esta máquina).",
        "Set CADENCIA_TRUSTED_PROXIES to the proxy's address (127.0.0.1 when it is on this machine).",
    ),
    "trunks": ("disponibles: {trunks}", "available: {trunks}"),
    "trunks_none": ("ninguna campaña usa una troncal todavía", "no campaign uses a trunk yet"),
    "trunks_ill": ("troncales sin servicio: {trunks}", "trunks out of service: {trunks}"),
    "trunks_loose": (
        "troncales cuya otra parte puede desviar nuestras llamadas (REFER): {trunks}",
        "trunks whose other side may divert our calls (REFER): {trunks}",
    ),
    "cure_trunks_loose": (
        "Ponga allow_transfer = no en el endpoint de cada troncal (pjsip.conf).",
        "Set allow_transfer = no at the endpoint of each trunk (pjsip.conf).",
    ),
    "cure_trunks": (
        "INVALID: no existe ese endpoint en pjsip.conf. UNAVAILABLE: el operador no responde o "
        "falta el registro.",
        "INVALID: pjsip.conf has no such endpoint. UNAVAILABLE: the carrier does not answer or is "
        "not registered.",
    ),
    "hostname": ("«{host}» se resuelve en {took:.0f} ms", "“{host}” resolves in {took:.0f} ms"),
    "hostname_ill": ("«{host}» no se resuelve: {error}", "“{host}” does not resolve: {error}"),
    "hostname_slow": (
        "«{host}» tarda {took:.0f} ms en resolverse",
        "“{host}” takes {took:.0f} ms to resolve",
    ),
    "cure_hostname": (
        "Añada «127.0.1.1 {host}» a /etc/hosts aquí y en la máquina de Asterisk: sin ello cada "
        "llamada espera 5–20 s.",
        "Add “127.0.1.1 {host}” to /etc/hosts here and on Asterisk's machine: without it every call "
        "waits 5–20 s.",
    ),
    "folder": ("se puede escribir en {path}", "{path} can be written"),
    "folder_absent": ("no existe {path}", "{path} does not exist"),
    "folder_ill": ("no se puede escribir en {path}: {error}", "{path} cannot be written: {error}"),
    "cure_spool": (
        "Cree la carpeta (CADENCIA_RECORDINGS_SPOOL) y dé permiso de escritura a Cadencia y a "
        "Asterisk: {path}",
        "Make the folder (CADENCIA_RECORDINGS_SPOOL) and let both Cadencia and Asterisk write to it: {path}",
    ),
    "cure_archive": (
        "Cree la carpeta (CADENCIA_RECORDINGS_ARCHIVE) y dé permiso de escritura a Cadencia: {path}",
        "Make the folder (CADENCIA_RECORDINGS_ARCHIVE) and let Cadencia write to it: {path}",
    ),
    "disk": (
        "{free:.1f} GiB libres: unas {hours:.0f} horas de conversación archivada",
        "{free:.1f} GiB free: about {hours:.0f} hours of archived talk",
    ),
    "disk_full": ("solo {free:.2f} GiB libres en {path}", "only {free:.2f} GiB free at {path}"),
    "cure_disk": (
        "Libere espacio o lleve CADENCIA_RECORDINGS_ARCHIVE y CADENCIA_RECORDINGS_SPOOL a un disco mayor.",
        "Free some space, or move CADENCIA_RECORDINGS_ARCHIVE and CADENCIA_RECORDINGS_SPOOL to a "
        "larger disk.",
    ),
    "front_end": ("consolas construidas", "consoles built"),
    "front_end_absent": ("no están construidas las consolas", "the consoles are not built"),
    "cure_front_end": (
        "Ejecute `make setup` (o `npm ci && npm run build` en consoles/web).",
        "Run `make setup` (or `npm ci && npm run build` in consoles/web).",
    ),
} | WORK_TEXTS
