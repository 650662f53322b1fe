"""Addresses of the login, below /admin/: of django-allauth's pages, those that the portal has."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as company
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.contrib import admin
from django.urls import path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from contactcenter.accounts import pages, person_pages

# As an app it would be loaded, with all that speaks HTTP, by couriers and commands, too.
registry.register(OpenIDConnectProvider)

urlpatterns = [
    path("login/", pages.login, name="account_login"),
    path("logout/", pages.logout, name="account_logout"),
    # Nobody signs up here, but django-allauth asks for the address.
    path("login/new/", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
    path("login/inactive/", account.account_inactive, name="account_inactive"),
    path("login/again/", account.reauthenticate, name="account_reauthenticate"),
    path("login/forgotten/", account.password_reset, name="account_reset_password"),
    path("login/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("login/forgotten/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^login/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("login/link/", pages.use_link, name="use_link"),
    path("login/link/<str:token>/", pages.open_link, name="open_link"),
    path("login/code/", mfa.authenticate, name="mfa_authenticate"),
    path("login/code/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("login/oidc/<str:provider_id>/login/", pages.company(oidc.login), name="openid_connect_login"),
    path("login/oidc/<str:provider_id>/login/callback/", pages.company(oidc.callback), name="openid_connect_callback"),
    path("login/company/cancelled/", company.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/company/error/", company.login_error, name="socialaccount_login_error"),
    path("second-factor/", mfa.index, name="mfa_index"),
    path("second-factor/app/", never_cache(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", never_cache(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "second-factor/codes/new/",
        never_cache(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factor/codes/file/",
        never_cache(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("accounts/user/<int:pk>/invite/", admin.site.admin_view(person_pages.invite_again), name="invite_person"),
    path(
        "accounts/user/<int:pk>/second-factor/",
        admin.site.admin_view(person_pages.forget_second_factor),
        name="forget_second_factor",
    ),
]
