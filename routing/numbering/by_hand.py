"""What to paste where at each provider, so that its numbers ask us; shown on the account's page."""

from django.utils.translation import gettext_lazy as _

STEPS = {
    "native": _("Let your program ask the address below, with an API key of this account."),
    "sip_proxy": _("Let your SIP proxy ask the address below, with an API key of this account: see deploy/kamailio."),
    "twilio": _("Phone numbers, your number, “A call comes in”: Webhook, the address below, HTTP POST."),
    "telnyx": _("Voice, TeXML applications: “Send a webhook to the URL”, the address below, POST. Assign your number."),
    "signalwire": _("Phone numbers, your number, “Handle calls using” LaML webhooks: the address below, POST."),
    "plivo": _("Voice, Applications: “Answer URL”, the address below, POST. Assign your number to the application."),
    "bird": _("Flow Builder: a step “Fetch variables”, POST to the address below, then “Transfer the call”."),
    "freeswitch": _("xml_curl.conf.xml, binding “dialplan”: the address below as gateway-url, with the secret."),
    "jambonz": _("Applications: “Calling webhook”, the address below, POST. Assign your phone number to it."),
    "vonage": _("Your applications, Voice: “Answer URL”, the address below, POST. Link your number to it."),
    "chatwoot": _("Settings, Integrations, Webhooks: the address below, for conversations created and updated."),
    "zendesk": _("Admin Center, Webhooks: the address below; then a trigger on new tickets that notifies it."),
    "signed_webhook": _("Wherever your system tells of new messages: POST to the address below, signed."),
    "meta": _("App dashboard, Webhooks: the address and verify token below; subscribe to messages."),
    "twilio_messages": _("Your number or sender, “A message comes in”: Webhook, the address below, HTTP POST."),
    "vonage_messages": _("Your applications, Messages: “Inbound URL”, the address below. Link your number to it."),
    "bird_messages": _("Webhook subscriptions: the address below, for sms.inbound and whatsapp.inbound."),
}
"""By dialect."""
