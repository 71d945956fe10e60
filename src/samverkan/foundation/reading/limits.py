"""How much is read at most, so that no file takes the memory or the disk."""

MAX_LINE = 1 << 20  # characters; the longest honest row seen is far below a tenth of this
MAX_UNPACKED = 8 << 30  # bytes out of a compressed file
MAX_SHEET = 600 << 20  # bytes of XML in one workbook
MAX_RATIO = 400  # times: spreadsheets seen in the field stay below 60
#: Quotation marks that are not closed, after which the lines they swallowed are read again. More are no mistake.
MAX_MENDED = 1000
#: Characters kept of a row that cannot be read, so that it can be mended.
KEPT = 10_000
#: Lines looked at for the header: titles and notes above a table are seldom more than ten.
LOOKED_AT = 40
