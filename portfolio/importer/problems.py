"""Everything that can be wrong with an import: a code for machines, a sentence in Spanish and in English."""

from dataclasses import dataclass

MESSAGES: dict[str, tuple[str, str]] = {
    # of a row
    "ambiguous_amount": (
        "importe ambiguo: ¿miles o decimales?; escríbalo con decimales",
        "ambiguous amount: thousands or decimals? write it with its decimals",
    ),
    "bad_amount": ("no es un importe positivo", "not a positive amount"),
    "bad_country": ("país desconocido (ISO 3166, dos letras)", "unknown country (ISO 3166, two letters)"),
    "bad_currency": (
        "moneda desconocida (ISO 4217, tres letras)",
        "unknown currency (ISO 4217, three letters)",
    ),
    "bad_language": ("idioma desconocido (es o en)", "unknown language (es or en)"),
    "bad_quotes": ("comillas mal puestas", "misplaced quotes"),
    "bad_whole_number": ("no es un número entero en rango", "not a whole number in range"),
    "bad_zone": ("zona horaria desconocida (p. ej. Europe/Madrid)", "unknown time zone (e.g. Europe/Madrid)"),
    "control_character": (
        "contiene un salto de línea o un carácter de control",
        "contains a line break or a control character",
    ),
    "double_encoded": ("texto mal codificado (como «MuÃ±oz»)", "text encoded twice (like 'MuÃ±oz')"),
    "duplicate_row": ("repite una fila anterior del archivo", "repeats an earlier row of the file"),
    "encoding": (
        "la codificación no es la del resto del archivo",
        "not in the encoding of the rest of the file",
    ),
    "field_too_long": ("valor demasiado largo", "value too long"),
    "formula": ("parece una fórmula de hoja de cálculo", "looks like a spreadsheet formula"),
    "id_scientific": (
        "número dañado por Excel (notación científica)",
        "number damaged by Excel (scientific notation)",
    ),
    "amount_scientific": (
        "importe en notación científica: puede faltar una cifra",
        "amount in scientific notation: digits may be missing",
    ),
    "phone_decimal": (
        "teléfono dañado por Excel (con decimales)",
        "phone damaged by Excel (with decimals)",
    ),
    "phone_extension": ("teléfono con extensión", "phone with an extension"),
    "phone_invalid": ("ese teléfono no existe", "no such phone number"),
    "phone_global": (
        "número global o por satélite: no es de ningún país",
        "global or satellite number: of no country",
    ),
    "person_differs": (
        "ese número de cliente ya es de alguien con otro nombre y sin teléfono en común: decida",
        "that customer number is known with another name and no telephone in common: decide",
    ),
    "phone_scientific": (
        "teléfono dañado por Excel (notación científica)",
        "phone damaged by Excel (scientific notation)",
    ),
    "phone_special": (
        "número especial, de emergencia, gratuito o de tarifa adicional",
        "special, emergency, toll-free or premium number",
    ),
    "required": ("falta un valor obligatorio", "a required value is missing"),
    "row_too_long": ("fila demasiado larga", "row too long"),
    "too_few_columns": ("faltan columnas en la fila", "the row has too few columns"),
    "too_many_columns": ("sobran columnas en la fila", "the row has too many columns"),
    "unclosed_quote": ("comillas sin cerrar", "a quote is not closed"),
    # of the whole file
    "empty": ("el archivo está vacío", "the file is empty"),
    "header_too_long": ("la cabecera es demasiado larga", "the header is too long"),
    "missing_columns": ("faltan columnas obligatorias", "required columns are missing"),
    "not_text": ("no es un archivo CSV de texto", "not a CSV text file"),
    "repeated_columns": ("dos columnas significan lo mismo", "two columns mean the same"),
    "no_header_row": (
        "en esa fila del archivo no hay títulos de columnas",
        "there are no titles of columns in that row of the file",
    ),
    "unknown_sheet": ("el libro no tiene esa hoja; tiene", "the workbook has no such sheet; it has"),
    "unknown_region": ("esa región por defecto no existe (ISO 3166)", "no such default region (ISO 3166)"),
    "reason_needed": (
        "diga el motivo: esos números podrán volver a llamarse",
        "say why: these numbers may be called again",
    ),
    "too_many_rows": ("demasiadas filas", "too many rows"),
    "bad_yes_no": ("es sí o no", "it is yes or no"),
    "bad_consent": ("el consentimiento es sí o no", "consent is yes or no"),
    "bad_flag": ("aviso desconocido", "unknown flag"),
    "bad_stage": ("etapa desconocida", "unknown stage"),
    "bad_sheet": ("la hoja de cálculo no se puede leer", "the spreadsheet cannot be read"),
    "sheet_too_big": (
        "la hoja de cálculo ocupa demasiado: divídala o guárdela como CSV",
        "the spreadsheet is too large: divide it, or save it as CSV",
    ),
    "unknown_columns": (
        "la plantilla nombra columnas que no existen",
        "the template names columns that do not exist",
    ),
    "creditor_needed": (
        "no se sabe de qué acreedor es: dígalo, o qué columna lo dice",
        "the creditor is not known: say it, or which column does",
    ),
    "region_needed": (
        "no se sabe de qué país son los números sin prefijo: dígalo (ISO 3166, dos letras)",
        "the country of numbers without a prefix is not known: say it (ISO 3166, two letters)",
    ),
    "bad_list_name": (
        "el nombre de la lista: de 1 a 120 caracteres en una línea",
        "the name of the list: 1 to 120 characters on one line",
    ),
    "column_needed": (
        "más de una columna puede ser la del teléfono: diga cuál",
        "more than one column may be the telephone: say which",
    ),
    "unknown_column": ("no hay tal columna; hay", "there is no such column; there are"),
    "unknown_list": ("no hay ninguna lista con ese nombre", "there is no list of that name"),
    "no_numbers": ("no hay ningún teléfono en el archivo", "there is no phone number in the file"),
    "unknown_campaign": ("esa campaña no existe", "no such campaign"),
}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row came back."""

    row: int
    """Line of the file, the header being the first."""
    column: str
    """Header of the offending column as the file writes it; empty = the whole row."""
    code: str
    value: str = ""
    """What stood there, shortened."""
    taken: bool = False
    """Whether the row is in all the same, without this value."""

    def message(self, locale: str = "es") -> str:
        """The reason in words."""
        return MESSAGES[self.code][0 if locale == "es" else 1]


class BadValue(ValueError):
    """A value that cannot be taken; the argument is the code of the problem."""

    @property
    def code(self) -> str:
        """Which problem."""
        return str(self.args[0])


class ImportRefused(ValueError):
    """The file as a whole cannot be imported."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{MESSAGES[code][1]}{': ' if detail else ''}{detail}")
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type["ImportRefused"], tuple[str, str]]:
        """Comes out of another process as it went in."""
        return ImportRefused, (self.code, self.detail)

    def message(self, locale: str = "es") -> str:
        """The reason in words."""
        words = MESSAGES[self.code][0 if locale == "es" else 1]
        return f"{words}: {self.detail}" if self.detail else words
