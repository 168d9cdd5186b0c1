"""What people and machines are shown, and how commands end.

Lives here: exit codes and errors (`exits`), tables, JSON, JSON lines and YAML (`output`), text that is written while it
comes (`lines`), the progress bar (`progress`), options that many commands have (`arguments`). Must not live here: Kafka,
and whatever belongs to one command.

    from cordwood.cli.terminal.exits import Exit, Outcomes, errors_told, fail, note
    from cordwood.cli.terminal.output import Column, Output, Table, output_option, show, show_rows

    @click.command()
    @output_option                                        # -o table|json|jsonl|yaml; the argument `output`
    def members(output: Output) -> None:
        rows = [{"node": 1, "racks": ["a", "b"], "leader": None}]         # field names are API: snake_case, plain values
        show_rows(output, rows, [Column("NODE", "node"), Column("RACKS", "racks"), Column("LEADER", "leader")])
        show(output, {"cluster_id": "x", "nodes": rows}, lambda: [Fields({"Cluster": "x"}), Table(rows, columns)])

Data goes to stdout by `show`, `show_rows` and `say_lines`. Everything else goes to stderr: `note` (a line), `warn`
("warning: ..."), `fail(message, Exit.NOT_FOUND)` ("error: ..." and the end), `Outcomes` (several things are tried one
after the other, and the exit code tells: all, none or some).
"""
