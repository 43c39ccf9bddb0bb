"""What the switch refuses or fails to do: AMI_DOWN, AMI_TIMEOUT, AMI_REFUSED, AMI_LOGIN_REFUSED, AMI_INJECTION,
AMI_FRAME, ALREADY_MEMBER, NOT_MEMBER, NO_SUCH_CHANNEL, PHONE_SILENT, CANNOT_MOVE_UP,
QUEUE_CONFIG_REFUSED, SWITCH_NOT_OURS;
MissingHeader is a bug or a foreign switch."""

from core.errors import HotlineError


class AmiDown(HotlineError):
    """There is no link, or it broke before the answer came: whether the action was done is unknown."""

    code, status = "AMI_DOWN", 503
    zh = "与交换机的连接已中断:{reason}"
    en = "The link to the switch is down: {reason}"


class AmiTimeout(HotlineError):
    """Asterisk did not answer, or its event did not come, in time: whether it was done is unknown."""

    code, status = "AMI_TIMEOUT", 504
    zh = "交换机在 {seconds} 秒内没有答复:{action}"
    en = "The switch did not answer {action} within {seconds} s"


class AmiRefused(HotlineError):
    """Asterisk answered with an error; `message` is its own text."""

    code, status = "AMI_REFUSED", 409
    zh = "交换机拒绝了 {action}:{message}"
    en = "The switch refused {action}: {message}"


class AmiLoginRefused(AmiRefused):
    code, status = "AMI_LOGIN_REFUSED", 503
    zh = "交换机拒绝登录:{message}"
    en = "The switch refused the login: {message}"


class AlreadyMember(AmiRefused):
    code = "ALREADY_MEMBER"
    zh, en = "坐席已在队列中", "The seat is in the queue already"


class NotMember(AmiRefused):
    code = "NOT_MEMBER"
    zh, en = "坐席不在队列中", "The seat is not in the queue"


class NoSuchChannel(AmiRefused):
    code = "NO_SUCH_CHANNEL"
    zh, en = "通话已不存在", "The channel is gone"


class PhoneSilent(HotlineError):
    code, status = "PHONE_SILENT", 409
    zh = "您的话机没有接通,请确认本页话机已注册、话筒可用后重试"
    en = "Your telephone did not answer; check that it is registered and may use the microphone"


class CannotMoveUp(HotlineError):
    code, status = "CANNOT_MOVE_UP", 409
    zh = "此来电已在最前,或前面只有紧急来电"
    en = "The caller is at the head already, or only emergency calls are ahead"


class AmiInjection(HotlineError):
    """A name or value that AMI cannot carry: CR, LF or NUL (a second command), bad text, or too long a line."""

    code, status = "AMI_INJECTION", 422
    zh = "交换机命令的 {field} 含有不允许的内容:{problem}"
    en = "{field} cannot be sent to the switch: {problem}"


class AmiFrame(HotlineError):
    """The peer sent what is not AMI, or a frame over the limit: the link is dropped."""

    code, status = "AMI_FRAME", 502
    zh, en = "交换机发来的数据无法识别:{problem}", "Unusable data from the switch: {problem}"


class QueueConfigRefused(HotlineError):
    """Asterisk, read back, does not have what was applied; the old configuration is in force again."""

    code, status = "QUEUE_CONFIG_REFUSED", 409
    zh = "交换机没有采用新规则:{what} 应为 {wanted},实际为 {seen};原规则继续有效"
    en = "The switch did not take the rules over: {what} should be {wanted} and is {seen}; the old ones hold"


class SwitchNotOurs(HotlineError):
    """HOTLINE_ASTERISK_HOST is set: the files of that Asterisk are its administrator's."""

    code, status = "SWITCH_NOT_OURS", 409
    zh = "使用的是外部交换机,规则须由其管理员写入"
    en = "This is another's switch: its administrator has to write the rules"


class MissingHeader(HotlineError, KeyError):
    """An event lacks a header that it must have: a misspelt name here, or another Asterisk there."""

    code, status = "MISSING_HEADER", 502
    zh, en = "交换机事件 {event} 缺少 {key}", "The switch's {event} has no {key}"

    def __init__(self, event: str, key: str) -> None:
        super().__init__(event=event, key=key)
