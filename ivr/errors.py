"""What may be wrong with a flow, and how it is told: file, line and node in every line of it."""

from dataclasses import asdict, dataclass

from core.errors import HotlineError

# code -> (Chinese, English); the braces are filled by the finding.
PROBLEMS: dict[str, tuple[str, str]] = {
    "yaml": ("YAML 格式错误:{what}", "not YAML: {what}"),
    "too_large": ("文件过大", "the file is too large"),
    "shape": ("此处应为{what}", "{what} expected here"),
    "duplicate": ("“{what}”重复", "'{what}' is given twice"),
    "unknown_field": ("未知字段“{what}”", "unknown field '{what}'"),
    "missing_field": ("缺少字段“{what}”", "field '{what}' is missing"),
    "unknown_kind": ("未知节点类型“{what}”", "unknown kind of node '{what}'"),
    "not_available": (
        "节点类型“{what}”在此版本中不可用",
        "kind '{what}' is not available in this version",
    ),
    "unknown_node": ("没有名为“{what}”的节点", "there is no node '{what}'"),
    "unknown_prompt": ("没有名为“{what}”的语音", "there is no prompt '{what}'"),
    "unknown_script": ("没有名为“{what}”的脚本", "there is no script '{what}'"),
    "bad_value": ("“{what}”的值不允许", "the value of '{what}' is not allowed"),
    "unreachable": ("从入口无法到达此节点", "no way leads from the entry to this node"),
    "dead_end": ("死路:从此处到不了人工或挂机", "dead end: no way to a person or a goodbye"),
    "no_person": ("从此处到不了人工", "no way leads from here to a person"),
    "silent_loop": ("没有按键输入的循环:{what}", "a loop that asks for no input: {what}"),
    "too_deep": (
        "到人工之前的菜单超过 {what} 层",
        "more than {what} menus before a person",
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; `node` is '' when it concerns the whole file, `line` counts from 1."""

    file: str
    line: int
    node: str
    code: str
    what: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " + (f"node '{self.node}': " if self.node else "")
        return where + self.text("en")

    def text(self, language: str) -> str:
        zh, en = PROBLEMS[self.code]
        return (zh if language == "zh" else en).format(what=self.what)


class FlowInvalid(HotlineError):
    code, status = "FLOW_INVALID", 422
    zh, en = "流程无效:{summary}", "The flow is invalid: {summary}"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            summary="; ".join(map(str, problems)),
            problems=[{**asdict(p), "zh": p.text("zh"), "en": p.text("en")} for p in problems],
        )
