"""How people log in: the settings of django-allauth, and what the environment says about it."""

from typing import Any

from contactcenter.environment import env

LOGIN_APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "admin:login"
SESSION_COOKIE_AGE = 12 * 3600
PASSWORD_RESET_TIMEOUT = 3600

ACCOUNT_ADAPTER = "contactcenter.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "contactcenter.accounts.forms.LoginForm",
    "reset_password": "contactcenter.accounts.forms.ForgottenForm",
    "reset_password_from_key": "contactcenter.accounts.forms.NewPasswordForm",
    "reauthenticate": "contactcenter.accounts.forms.PasswordAgainForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Wrong passwords and codes are counted in the database instead: contactcenter/accounts/login_limits.py
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}

MFA_ADAPTER = "contactcenter.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "contactcenter.accounts.forms.CodeForm",
    "reauthenticate": "contactcenter.accounts.forms.CodeAgainForm",
    "activate_totp": "contactcenter.accounts.forms.FirstCodeForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Priority routing"
MFA_TOTP_TOLERANCE = 1

REQUIRE_TWO_FACTORS: list[str] = env.list("REQUIRE_TWO_FACTORS", default=[])
"""Roles whose members need a second factor, or `everyone`."""

# The company's own login, by OpenID Connect; none without an issuer.
OIDC_ISSUER: str = env.str("OIDC_ISSUER", default="")
OIDC_NAME: str = env.str("OIDC_NAME", default="")
OIDC_DOMAINS: list[str] = env.list("OIDC_DOMAINS", default=[])
"""E-mail domains whose people get a login when they come for the first time; without rights."""
SOCIALACCOUNT_ADAPTER = "contactcenter.accounts.adapters.CompanyLoginAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
# A form that is sent on to another host is refused by the policy for content; a link is not.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "company",
                    "name": OIDC_NAME or "OpenID Connect",
                    "client_id": env.str("OIDC_CLIENT_ID"),
                    "secret": env.str("OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": OIDC_ISSUER},
                }
            ],
        }
    }
    if OIDC_ISSUER
    else {}
)
