"""What the page 'Import my own' asks for: a template, an environment file, and the files that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.base import File
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.environments.declared import Imported
from tenant_ops_dashboard.environments.errors import NotValid
from tenant_ops_dashboard.environments.template.imported import files
from tenant_ops_dashboard.environments.template.source import LARGEST
from tenant_ops_dashboard.panels.forms import Form

_ENDINGS = ".yaml,.yml,.hot,.template"
_BYTES = 4 * LARGEST  # of a text in UTF-8


class _SeveralInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class _Several(forms.FileField):
    """Several files of one field, as a list."""

    def clean(self, data: Any, initial: Any = None) -> list[File[Any]]:
        return [super(_Several, self).clean(one, initial) for one in data or ()]


class UploadForm(Form):
    """Texts of files from somebody's disk. `imported` is what they are, once they are valid."""

    template = forms.FileField(
        label=gettext_lazy("Template (HOT)"), widget=forms.FileInput({"id": "import-template", "accept": _ENDINGS}),
        error_messages=dict.fromkeys(("required", "invalid", "missing", "empty"), gettext_lazy("Choose a template.")),
    )  # fmt: skip
    environment = forms.FileField(
        label=gettext_lazy("Environment file"), required=False, allow_empty_file=True,
        widget=forms.FileInput({"id": "import-environment", "accept": _ENDINGS}),
        help_text=gettext_lazy("Answers, and which template stands for a type of its own."),
    )  # fmt: skip
    files = _Several(  # type: ignore[assignment]  # the field of the page; Django keeps it apart from `files`
        label=gettext_lazy("Files that it refers to"), required=False, allow_empty_file=True,
        widget=_SeveralInput({"id": "import-files"}),
        help_text=gettext_lazy("Scripts and templates. They are known by their names, whatever folder they are in."),
    )  # fmt: skip
    imported: Imported

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        template, environment = (self._text(name, told.get(name)) for name in ("template", "environment"))
        beside = {str(one.name): self._text("files", one) for one in told.get("files") or ()}
        if self.errors:
            return told
        try:
            gathered = files.gather(template, environment, files.beside(beside))
        except NotValid as error:
            self.refuse_all(error.problems)
        else:
            self.imported = Imported(template, gathered, environment, str(told["template"].name))
        return told

    def refuse_all(self, problems: Mapping[str, str]) -> None:
        """Each problem at its field, or at the template."""
        for name, said in problems.items():
            self.add_error(name if name in self.fields else "template", said)

    def _text(self, name: str, file: File[Any] | None) -> str:
        """The text of a file that was sent, '' where none was; told at its field where it cannot be read."""
        if file is None:
            return ""
        try:
            if (file.size or 0) <= _BYTES:
                return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            pass
        self.add_error(name, _("Only texts in UTF-8, of at most %d MB each, can be read.") % (_BYTES // 2**20))
        return ""


def read(request: HttpRequest) -> UploadForm:
    """The form, with the files that were sent."""
    if request.method != "POST":
        return UploadForm()
    several = request.FILES.getlist("files")
    given: Any = {name: request.FILES[name] for name in ("template", "environment") if name in request.FILES}
    return UploadForm(data=request.POST, files={**given, "files": several})
