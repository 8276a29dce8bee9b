"""Makes what is heard in the lab: called persons, voicemails, tones, bot agents, safe-harbour messages.

Fixed sentences are spoken once by espeak-ng; running talk is cut from Asterisk's own recorded prompts, which
are human voices. All is 8 kHz mono, kept in the cache beside the packages.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

from sip_lab.behaviours import VOICES
from sip_lab.errors import PackageFailure
from sip_lab.packages import Say, locked
from sip_lab.rootfs import Rootfs

_MAKING = 3  # raise it when the way of making changes, so that caches are made anew
_SPEAKERS = {
    "es": ("es+f2", "es+m3", "es-419+f4", "es-419+m1", "es+m7"),
    "en": ("en-us+f2", "en-gb+m3", "en-us+f4", "en-gb+m1", "en-us+m7"),
}
_SENTENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "es": {
        "hello": ("¿Diga?", "¿Sí, dígame?", "¿Bueno?", "¿Aló?", "¿Sí?"),
        "business": (
            "Talleres Hermanos García, buenos días, le atiende Marta, ¿en qué puedo ayudarle?",
            "Ferretería La Esquina, muy buenas tardes, le habla Ramón, dígame en qué le puedo servir.",
        ),
        "voicemail": (
            "Ha llamado al buzón de voz de este número. En este momento no podemos atenderle."
            " Por favor, deje su mensaje después de la señal.",
            "Hola, soy Lucía. Ahora mismo no puedo contestar. Deja tu nombre y tu número y te llamo"
            " en cuanto pueda. Gracias.",
            "El teléfono al que llama está apagado o fuera de cobertura. Si lo desea, deje su mensaje"
            " después de oír la señal.",
        ),
        "unknown-number": ("El número marcado no existe. Por favor, compruebe el número y vuelva a llamar.",),
        "off": (
            "El teléfono al que llama está apagado o fuera de cobertura en este momento. Por favor, inténtelo"
            " más tarde.",
        ),
        "voicemail-message": (
            "Le llamamos de Servicios Cadencia con un mensaje para el titular de este número. Por favor,"
            " llámenos cuando pueda al novecientos, cien, doscientos. Muchas gracias.",
        ),
        "safe-harbour": (
            "Le llamamos de Servicios Cadencia. En este momento todos nuestros agentes están ocupados."
            " Puede llamarnos al novecientos, cien, doscientos. Disculpe la molestia.",
        ),
        "inbound-welcome": (
            "Gracias por llamar a Servicios Cadencia. Esta llamada puede ser grabada."
            " Enseguida le atendemos.",
        ),
        "inbound-case": ("El número de su caso es:",),
        "inbound-offer": (
            "Si prefiere que le llamemos nosotros sin perder su turno, pulse uno."
            " Si no, permanezca a la espera.",
        ),
        "inbound-confirm": ("De acuerdo. Le llamaremos en cuanto llegue su turno. Gracias por llamar.",),
        "inbound-busy": (
            "En este momento no podemos atenderle. Por favor, vuelva a llamar más tarde."
            " Disculpe la molestia.",
        ),
    },
    "en": {
        "hello": ("Hello?", "Yes, hello?", "Hi?", "Yes?", "Hello, who is this?"),
        "business": (
            "Garcia Brothers garage, good morning, this is Martha speaking, how may I help you today?",
        ),
        "voicemail": (
            "You have reached the voicemail of this number. Nobody can take your call right now."
            " Please leave a message after the tone.",
            "Hi, this is Lucy. I can't come to the phone. Leave your name and number and I will call you"
            " back as soon as I can. Thanks.",
        ),
        "unknown-number": (
            "The number you have dialled does not exist. Please check the number and call again.",
        ),
        "off": ("The telephone you are calling is switched off or out of reach. Please try again later.",),
        "voicemail-message": (
            "This is Cadencia Services with a message for the holder of this number. Please call us when you"
            " can on nine hundred, one hundred, two hundred. Thank you.",
        ),
        "safe-harbour": (
            "This is Cadencia Services calling. All of our agents are busy at the moment."
            " You may call us on nine hundred, one hundred, two hundred. We apologise for the inconvenience.",
        ),
        "inbound-welcome": (
            "Thank you for calling Cadencia Services. This call may be recorded."
            " We will be with you shortly.",
        ),
        "inbound-case": ("The number of your case is:",),
        "inbound-offer": (
            "If you would rather have us call you back without losing your place, press one."
            " Otherwise please hold.",
        ),
        "inbound-confirm": ("Very well. We will call you when it is your turn. Thank you for calling.",),
        "inbound-busy": (
            "We cannot take your call right now. Please call again later."
            " We apologise for the inconvenience.",
        ),
    },
}
MESSAGES = (
    "safe-harbour",
    "voicemail-message",
    "inbound-welcome",
    "inbound-case",
    "inbound-offer",
    "inbound-confirm",
    "inbound-busy",
)
"""What the product itself says."""
_AGENT = {
    "es": "Buenos días, le llamo de Servicios Cadencia. ¿Hablo con el titular? Le explico brevemente el"
    " motivo de mi llamada. Tenemos varias opciones y quisiera encontrar con usted la que mejor le convenga.",
    "en": "Good morning, this is Cadencia Services. Am I speaking with the account holder? Let me briefly"
    " explain why I am calling. There are several options and I would like to find the best one for you.",
}
# Recorded prompts that sound like somebody talking, by language-neutral name.
_PROMPTS = (
    "vm-intro",
    "demo-congrats",
    "demo-instruct",
    "queue-thankyou",
    "privacy-unident",
    "vm-options",
    "demo-abouttotry",
)


class Voices:
    """Speaks with the programs of one root file system."""

    def __init__(self, rootfs: Rootfs, target: Path) -> None:
        """Files are written below `target`."""
        self._rootfs = rootfs
        self._target = target

    def make_all(self, say: Say) -> None:
        """Every file of every voice."""
        self._tone("beep", "synth 0.5 sine 1000 vol 0.5")
        self._tone("tone", "synth 60 sine 1000 vol 0.5")
        self._tone("fax", "synth 3 sine 2100 vol 0.5")
        self._tone("sit", "synth 0.33 sine 950 : synth 0.33 sine 1400 : synth 0.33 sine 1800")
        for language in _SENTENCES:
            say(f"recording the voices ({language})")
            for voice in range(VOICES):
                self._person(language, voice)
            speaker = _SPEAKERS[language][0]
            for name in (*MESSAGES, "off"):
                message = _SENTENCES[language][name][0]
                self._speak(self._target / language / f"{name}.wav", speaker, message, 158)
            self._speak(self._target / language / "agent.wav", speaker, _AGENT[language], 160)

    def _person(self, language: str, voice: int) -> None:
        folder = self._target / language / str(voice)
        for name in ("hello", "business", "voicemail", "unknown-number"):
            texts = _SENTENCES[language][name]
            # Who says the firm's sentence all day long says it quickly.
            speed = (185 if name == "business" else 150) + 8 * voice
            self._speak(folder / f"{name}.wav", _SPEAKERS[language][voice], texts[voice % len(texts)], speed)
        self._talk(folder / "talk.wav", language, voice)

    def _speak(self, path: Path, speaker: str, text: str, speed: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = path.with_suffix(".raw.wav")
        self._run("usr/bin/espeak-ng", "-v", speaker, "-s", str(speed), "-w", str(raw), text)
        self._sox(str(raw), *_form(path), "norm", "-4")
        raw.unlink()

    def _talk(self, path: Path, language: str, voice: int) -> None:
        """Recorded prompts one after the other, each voice in its own order and at its own pitch."""
        sounds = self._rootfs.sounds / language
        found = [sounds / f"{name}.wav" for name in _PROMPTS if (sounds / f"{name}.wav").exists()]
        if not found:
            raise PackageFailure(f"no recorded prompts for {language} in {sounds}")
        turn = voice % len(found)
        order = found[turn:] + found[:turn]
        pitch = str(-160 + 80 * voice)
        self._sox(
            *map(str, order), *_form(path), "pitch", pitch, "norm", "-5", "pad", "0", "0.7", "trim", "0", "45"
        )

    def _tone(self, name: str, effects: str) -> None:
        path = self._target / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._sox("-n", *_form(path), *effects.split())

    def _sox(self, *arguments: str) -> None:
        self._run("usr/bin/sox", "-V1", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._rootfs.command(program), *arguments]
        answer = subprocess.run(
            command, capture_output=True, text=True, check=False, env=self._rootfs.environment(), timeout=120
        )
        if answer.returncode != 0:
            raise PackageFailure(f"{program} failed: {answer.stderr[-400:]}")


def _form(path: Path) -> tuple[str, ...]:
    return "-r", "8000", "-c", "1", "-b", "16", str(path)


def folder(cache: Path) -> Path:
    """Where a cache has the voices, if it has them."""
    recipe = repr((_MAKING, _SENTENCES, _SPEAKERS, _AGENT, _PROMPTS))
    return cache / f"voices-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def ensure(rootfs: Rootfs, cache: Path, say: Say) -> Path:
    """The folder of voices, made now if this machine has none yet. Safe to call from many processes."""
    done = folder(cache)
    if done.exists():
        return done
    with locked(cache / "voices.lock", say):
        if not done.exists():
            part = cache / f"{done.name}.part"
            shutil.rmtree(part, ignore_errors=True)
            Voices(rootfs, part).make_all(say)
            part.chmod(0o755)
            part.rename(done)
    return done
