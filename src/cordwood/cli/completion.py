"""`cordwood completion`: scripts that have a shell complete commands, options and names.

      TAB ──> the script ──> _CORDWOOD_COMPLETE=bash_complete cordwood ──> click finds what is being typed
                                                                             ├── a command, an option: from its tables
                                                                             └── a topic, a group: `client.completing`

Lives here: the command, and the script of bash. Must not live here: what there is to complete. The scripts of zsh and fish
are click's; that of bash is our own, since bash takes `host:port` for three words, and click would believe it.
"""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import FishComplete, ShellComplete, ZshComplete

PROGRAM: Final = "cordwood"
VARIABLE: Final = "_CORDWOOD_COMPLETE"


class BashComplete(ShellComplete):
    """bash 4.4 or newer; what it hands over is read by click's own class."""

    name = "bash"
    source_template = r"""%(complete_func)s() {
    local IFS=$'\n' words=() word place prefix response type value
    # bash breaks words at : and =, here they are put together again.
    for ((place = 0; place <= COMP_CWORD; place++)); do
        word=${COMP_WORDS[place]}
        if ((place)) && [[ $word =~ ^[:=]+$ || ${COMP_WORDS[place - 1]} =~ ^[:=]+$ ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
    prefix=${words[-1]%%"${COMP_WORDS[COMP_CWORD]}"}
    response=$(IFS=' ' && COMP_WORDS="${words[*]}" COMP_CWORD=$((${#words[@]} - 1)) \
        %(complete_var)s=bash_complete "$1")
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("${value#"$prefix"}") ;;
        esac
    done <<<"$response"
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


SHELLS: Final[dict[str, type[ShellComplete]]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion(shell: str) -> None:
    """Print a script that has a shell complete commands, options, topics and groups.

    \b
    bash, in ~/.bashrc:                    eval "$(cordwood completion bash)"
    zsh, in ~/.zshrc after compinit:       eval "$(cordwood completion zsh)"
    fish: cordwood completion fish > ~/.config/fish/completions/cordwood.fish

    Names are asked of the cluster that the options typed so far, or CORDWOOD_BOOTSTRAP_SERVERS, stand for.
    """  # noqa: D301 - \b is the character that keeps click from filling the paragraph
    made = SHELLS[shell](click.Command(PROGRAM), {}, PROGRAM, VARIABLE)
    click.echo(made.source(), nl=False)
