"""Secrets: the forms that detect-secrets knows, and passwords told in a sentence (R-SEC-09).

Its plugins are asked directly. Its settings, which are global, and its check whether a key still works, which would
call the vendor, are never used.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from detect_secrets.filters import heuristic
from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import BasePlugin
from detect_secrets.plugins.cloudant import CloudantDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.ibm_cloud_iam import IbmCloudIamDetector
from detect_secrets.plugins.ibm_cos_hmac import IbmCosHmacDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.softlayer import SoftlayerDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from companion.adapters.detection.openings import opening
from companion.adapters.detection.texts import Mark
from companion.adapters.detection.views import View
from companion.adapters.detection.words import phrase_pattern

_PLUGINS: Final[tuple[BasePlugin, ...]] = (
    ArtifactoryDetector(), AWSKeyDetector(), AzureStorageKeyDetector(), CloudantDetector(), DiscordBotTokenDetector(),
    GitHubTokenDetector(), GitLabTokenDetector(), IbmCloudIamDetector(), IbmCosHmacDetector(), JwtTokenDetector(),
    MailchimpDetector(), NpmDetector(), OpenAIDetector(), PrivateKeyDetector(), PypiTokenDetector(), SendGridDetector(),
    SlackDetector(), SoftlayerDetector(), SquareOAuthDetector(), StripeDetector(), TelegramBotTokenDetector(),
    TwilioKeyDetector(),
)  # fmt: skip
_SHORT: Final[dict[type[BasePlugin], Callable[[View], bool]]] = {
    ArtifactoryDetector: lambda view: view.has("AKC", "AP"),
    JwtTokenDetector: lambda view: view.has("eyJ"),
    NpmDetector: lambda view: view.has("_authToken="),
    PrivateKeyDetector: lambda view: view.has("PRIVATE KEY", "PuTTY-User-Key-File"),
    SlackDetector: lambda view: view.longest >= _LONG or "xox" in view.low,
}
"""What a text has in which these find something."""
_LONG: Final = 20
"""What all others find has a run of this length, at least, without white space."""
_ASSIGNED_WORDS: Final = ("pass", "key", "token", "secret", "pwd", "kennwort", "contrase", "senha", "wachtwoord", "has")
_LATER_FORMS: Final = phrase_pattern("secret-forms")
_IN_ADDRESS: Final = re.compile(
    r"://([^\s/:@]{0,64}):([^\s/@]{3,100})@|\s(?:-u|--user)[ =]?([\w.-]{1,64}):(\S{4,100})|"
    r"\s--?p(?:assword)?[ =](\S{6,100})"
)
_ASSIGNING: Final = (
    r"(?:password|passwd|passwort|passphrase|kennwort|pwd|secret|token|api[_-]?key|"
    r"access[_-]?key|private[_-]?key|auth[_-]?key|contraseña|senha|wachtwoord|mot de passe|hasło)[\w-]{0,20}"
    r"[\"']?\s{0,2}"
)
_ASSIGNS: Final = re.compile(rf"{_ASSIGNING}[:=]", re.IGNORECASE)
_ASSIGNED: Final = re.compile(
    rf"(?<![A-Za-z])[\w.-]{{0,40}}?{_ASSIGNING}"
    r"(?::=|[:=])\s{0,2}[\"']?([^\s\"',;]{6,200})",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"(?<![\w-])(?:pass-?word|passwort|pass ?phrase|pass-?code|pass|kennwort|mot de passe|contraseña|senha|hasło|"
    r"wachtwoord|lösenord|salasana|adgangskode|(?:api|access|license|wpa2?|wi-?fi|wlan)[ -]?key|key(?=:)|clave|chiave|"
    r"(?:auth|api|access) token|secret(?: access)?(?: key)?|"
    r"(?:recovery|backup|verification|security|one-time|2fa|access) codes?)(?!\w)",
    re.IGNORECASE,
)
_NAMED_OPENS: Final = opening(_NAMED)
_IS: Final = frozenset(
    ("is", "are", "ist", "sind", "lautet", "est", "es", "è", "to", "będzie", "jest", "still", "now", "jetzt", ":", "=")
)
_WORDS_AFTER: Final = 9
_PIN: Final = re.compile(r"\b(?:PIN|TAN|CVV|CVC)\b[^\n.]{0,40}?(?:\bis|\bist|\blautet|\best|\bes|:) {0,2}\d{3,8}\b")
_PIN_OPENS: Final = opening(_PIN)
_PASSING_NAME: Final = re.compile(
    r"page|next|cursor|public|sync|csrf|expires?|length|_id|count|max|usage", re.IGNORECASE
)
_MEMBER: Final = re.compile(
    r".{0,40}(?:password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|private_?key|credential)s?",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = re.compile(
    r"(?:your|my|the)?[-_ ]?(?:user(?:name)?|pass(?:word)?|secret|token|key|x{3,}|\*{3,}|changeme|example|redacted|"
    r"removed)\W*",
    re.IGNORECASE,
)


_MAY: Final = tuple((plugin, _SHORT.get(type(plugin))) for plugin in _PLUGINS)


def find(view: View, key: str) -> Iterator[Mark]:
    """Marks for the secrets in a window. `key` is the name of the member that holds the text."""
    text = view.text
    for plugin in _plugins(view):
        for secret in plugin.analyze_string(text):
            if secret and not heuristic.is_sequential_string(secret):
                yield Mark("data_exposure", f"a secret ({plugin.secret_type})", max(0, text.find(secret)))
    if view.longest >= _LONG or view.has("PRIVATE KEY", "asic "):
        for match in _LATER_FORMS.finditer(text):
            yield Mark("data_exposure", "a secret key or token", match.start())
    for match in _IN_ADDRESS.finditer(text) if view.has("://", "-u", "-p") else ():
        if _is_kept_secret(match[2] or match[4] or match[5], text, match.start(), least=3):
            yield Mark("data_exposure", "a password in an address or command", match.start())
    if _is_secret_member(key) and " " not in text and _is_kept_secret(text, text, 0, least=6):
        yield Mark("data_exposure", "a password or key", 0)
    for match in _ASSIGNED.finditer(text) if _may_assign(text) else ():
        if not _PASSING_NAME.search(match[0][: -len(match[1])]) and _is_kept_secret(
            match[1], text, match.start(1), least=6
        ):
            yield Mark("data_exposure", "a password or key", match.start())
    for match in _NAMED.finditer(text) if view.opens & _NAMED_OPENS else ():
        if _is_told(text[match.end() : match.end() + 200]):
            yield Mark("data_exposure", "a password or code", match.start())
    for match in _PIN.finditer(text) if view.opens & _PIN_OPENS and view.digits else ():
        yield Mark("data_exposure", "a PIN", match.start())


def _plugins(view: View) -> Iterator[BasePlugin]:
    """The plugins that may find something, in their order."""
    for plugin, may in _MAY:
        if may(view) if may else view.longest >= _LONG:
            yield plugin


@lru_cache(maxsize=512)
def _is_secret_member(key: str) -> bool:
    return _MEMBER.fullmatch(key) is not None and not _PASSING_NAME.search(key)


def _may_assign(text: str) -> bool:
    if ":" not in text and "=" not in text:
        return False
    low = text.casefold()
    return any(word in low for word in _ASSIGNED_WORDS) and _ASSIGNS.search(text) is not None


def _is_kept_secret(value: str, text: str, start: int, *, least: int) -> bool:
    """Whether a value is a secret itself, not a place-holder, a reference to one or a word of the sentence."""
    value = value.rstrip(".,;:)")
    if len(value) < least or _PLACEHOLDER.fullmatch(value):
        return False
    if (
        heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or value.startswith(("<", "{", "%"))
    ):
        return False
    line = text[text.rfind("\n", 0, start) + 1 : start] + value
    if re.fullmatch(r"[\w.-]+[\[(].*", value) or (len(line) < 400 and heuristic.is_indirect_reference(line)):
        return False
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _is_told(rest: str) -> bool:
    """Whether what follows the word “password” tells it: at once, or after “is” within the sentence."""
    if rest[:1] not in (" ", "\n", ":", "="):
        return False
    before = "is"
    for token in rest.lstrip(" :=").partition("\n")[0].split()[:_WORDS_AFTER]:
        value = token.strip("\"'“”„`(),;.")
        if len(value) >= 8 and before in _IS and _is_mixed(value) and _is_kept_secret(value, rest, 0, least=8):
            return True
        if token.endswith((".", "?")):
            return False
        before = ":" if token.endswith(":") else token.lower()
    return False


def _is_mixed(value: str) -> bool:
    """Looks like a password and not like a word or a flag: a digit, letters, and a sign or both cases among them."""
    if re.match(r"-|[a-z_]+=", value) or not any(map(str.isdigit, value)):
        return False
    both = any(map(str.islower, value)) and any(map(str.isupper, value))
    return both or re.search(r"[^\w]", value) is not None
