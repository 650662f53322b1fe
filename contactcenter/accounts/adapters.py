"""What the portal does its own way where django-allauth leaves it open."""

from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from contactcenter.accounts import login_limits
from contactcenter.accounts.models import User
from contactcenter.foundation.clients import client_address
from contactcenter.foundation.encryption import decrypt, encrypt

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin

JUST_LOGGED_IN_S = 300
CAME_BY_LINK_AT = "came_by_link_at"
"""In the session: when somebody was let in by an invitation or a break-glass link, in unix seconds."""
WRONG_LOGIN = _("This name and this password do not go together. Check both and try again.")
WRONG_CODE = _("This code is not right. Take the one that your app shows now.")


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up; wrong passwords are limited in every process; addresses are those of trusted proxies."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG_LOGIN,
        "email_password_mismatch": WRONG_LOGIN,
        "too_many_login_attempts": _("Too many wrong passwords. Wait a minute, then try again."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("Too many attempts. Wait a minute, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        peer, forwarded = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
        return client_address(peer, forwarded, settings.TRUSTED_PROXIES)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        login = credentials.get("username") or credentials.get("email") or ""
        self._attempt = login_limits.password(login, self.get_client_ip(request), timezone.now())
        if self._attempt is None:
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user and self._attempt:
            self._attempt.was_right()
        return user

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Who has never had a password here is invited, or comes by the company's login."""
        if user.has_usable_password():
            with override(user.language or get_language()):
                super().send_password_reset_mail(user, email, context)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has logged in just now is not asked again at once."""
        records = get_authentication_records(self.request, self.request.user)
        last = max([each["at"] for each in records] + [self.request.session.get(CAME_BY_LINK_AT, 0)])
        fresh = timezone.now().timestamp() - last < JUST_LOGGED_IN_S
        return not fresh and super().is_reauthentication_required(app=app, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors are kept encrypted, like every other secret."""

    error_messages: ClassVar[dict[str, Any]] = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)


class CompanyLoginAdapter(DefaultSocialAccountAdapter):
    """The company's own login lets in whom the portal knows, and people of its e-mail domains, without rights."""

    def pre_social_login(self, request: HttpRequest, sociallogin: "SocialLogin") -> None:
        """Who comes for the first time is the person with the e-mail address that the company's login vouches for."""
        is_login = sociallogin.state.get("process") == AuthProcess.LOGIN
        if is_login and not sociallogin.is_existing and (address := verified_address(sociallogin)):
            person = User.objects.filter(email=address).first()
            if person:
                sociallogin.connect(request, person)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: "SocialLogin") -> bool:
        domain = verified_address(sociallogin).rpartition("@")[2]
        return domain in [each.lower() for each in settings.OIDC_DOMAINS]

    def populate_user(self, request: HttpRequest, sociallogin: "SocialLogin", data: dict[str, Any]) -> Any:
        """A newcomer's user name is his e-mail address: names of the company's login may be somebody's here."""
        user = super().populate_user(request, sociallogin, data)
        user.username, user.is_staff = user.email, True
        return user

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("admin:index")


def verified_address(sociallogin: "SocialLogin") -> str:
    """The e-mail address that the company's login vouches for, or nothing. A text such as "false" vouches for none."""
    return next((each.email.lower() for each in sociallogin.email_addresses if each.verified is True), "")
