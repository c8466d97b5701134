"""``tocfin completion``: commands and options completed by the shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from tocfin.cli import options
from tocfin.cli.talk import chatter

SHELLS = {
    "bash": "tocfin completion bash > ~/.local/share/bash-completion/completions/tocfin",
    "zsh": "tocfin completion zsh > ~/.zfunc/_tocfin",
    "fish": "tocfin completion fish > ~/.config/fish/completions/tocfin.fish",
}


@click.command("completion")
@click.argument("shell", type=options.Word(tuple(SHELLS)))
@chatter
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script with which SHELL (bash 4.4 or later, zsh or fish) completes commands and options.

    Nothing is run at the start of the shell: the script asks tocfin only when a word is to be completed.

    Example: tocfin completion bash > ~/.local/share/bash-completion/completions/tocfin
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"this click knows no completion for {shell}")
    completer = kind(ctx.find_root().command, {}, "tocfin", "_TOCFIN_COMPLETE")
    click.echo(completer.source_template % completer.source_vars())
    ctx.obj.say(f"put it where {shell} looks for it: {SHELLS[shell]}")
