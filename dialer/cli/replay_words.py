"""What a replay says, Spanish first."""

REPLAY_WORDS: dict[str, dict[str, str]] = {
    "es": {
        "reading": "{done} decisiones leídas",
        "progress": "{done} días simulados de {all}",
        "as_recorded": "como se grabó",
        "verified": "Comprobado: {equal} decisiones idénticas bit a bit, {different} distintas.",
        "unknown": "Otras {unknown} no se pueden repetir: sin modelo guardado, o de una versión anterior.",
        "beside": "Sobre los {floors} instantes grabados, un paso cada vez, «{shadow}» habría querido",
        "asks": "  más llamadas en {more}, menos en {fewer}, las mismas en {same};",
        "levels": "  en curso tras decidir, de media: {recorded} grabadas, {shadow} en la sombra.",
        "too_few": "Sin gemelo simulado: hubo {calls} llamadas, hacen falta {least}.",
        "measured": "MEDIDO ese día",
        "simulated": "SIMULADO, como se grabó",
        "simulated_as": "SIMULADO, {shadow}",
        "difference": "diferencia simulada",
        "caveat": (
            "MEDIDO es lo que ocurrió. SIMULADO es un gemelo: hasta {agents} agentes según los instantes\n"
            "grabados, y llamadas sorteadas con los tiempos de ese día y su respuesta por cuartos de hora.\n"
            "Lo que la segunda columna se aparta de la primera dice cuánto creer la tercera; la diferencia\n"
            "es más segura que los niveles, porque ambas simulaciones sortean la misma suerte."
        ),
    },
    "en": {
        "reading": "{done} decisions read",
        "progress": "{done} simulated days of {all}",
        "as_recorded": "as recorded",
        "verified": "Verified: {equal} decisions equal bit for bit, {different} different.",
        "unknown": "Another {unknown} cannot be decided again: no stored model, or an older form.",
        "beside": "On the {floors} recorded floors, one step each, “{shadow}” would have wanted",
        "asks": "  more calls on {more}, fewer on {fewer}, the same on {same};",
        "levels": "  in flight after the decision, mean: {recorded} recorded, {shadow} in the shadow.",
        "too_few": "No simulated twin: there were {calls} calls, {least} are needed.",
        "measured": "MEASURED that day",
        "simulated": "SIMULATED, as recorded",
        "simulated_as": "SIMULATED, {shadow}",
        "difference": "simulated difference",
        "caveat": (
            "MEASURED is what happened. SIMULATED is a twin: up to {agents} agents by the recorded floors,\n"
            "and calls drawn from that day's times and its answers by quarter hours.\n"
            "How far the second column is off the first says how far to believe the third; the difference\n"
            "is surer than the levels, because both simulations draw the same luck."
        ),
    },
}
