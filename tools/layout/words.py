"""What elements, classes and tags mean to white space: those of HTML, of Django, and our own."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Elements that begin and end lines of their own: white space beside their tags is not seen. Our styles make blocks of
#: labels, and of what is small.
BLOCKS = _set(
    "html head body title main section article aside nav header footer address div p h1 h2 h3 h4 h5 h6 ul ol li "
    "dl dt dd table caption colgroup col thead tbody tfoot tr th td form fieldset legend details summary figure "
    "figcaption blockquote hr br dialog option optgroup label small noscript"
)
#: Elements within a line whose own beginning and end are as a block's.
BOXES = _set("button select svg")
#: Parts of a drawing: within ``<svg>`` white space is not seen.
DRAWN = _set("path circle rect line ellipse polygon polyline g use defs")
#: Elements that show nothing where they stand.
UNSEEN = _set("script style link meta base datalist template")
#: Elements without an end.
VOID = _set("area base br col embed hr img input link meta source track wbr")
#: Elements whose text is kept to the sign.
RAW = ("pre", "textarea", "script", "style")
#: Classes laid out as flex or grid: white space beside the elements directly within is not seen.
ROWS = _set(
    "actions chips choice choices facts fields foot keys nothing other-views photos row-actions section-head "
    "segments stepper tabs top two-up with-button"
)
#: Classes of elements within a line that are boxes.
BOXED = frozenset(["ds-button"])
#: Our tags that render a template of their own, which ends with a line break.
INCLUDING = _set(
    "include form_field form_fields error_summary data_table pagination filter_chips week_stepper empty_state "
    "tabs figure map_figure demo_cast drawn_legend"
)
#: Our tags that give a block's element.
GIVING_BLOCKS = frozenset(["sort_header"])
#: Django's tags that hold others → what divides them.
HOLDING = {"if": ("elif", "else"), "for": ("empty",), "with": (), "filter": (), "block": ()}
SILENT = _set("load extends csrf_token comment")

INK, SPACE, BLOCK = "ink", "space", "block"
NOTHING = frozenset({SPACE, BLOCK})
WHITE = " \t\n\r\f"
