"""Lull beside its peers: the same rules, the same upstream, the same load, in one run. `make bench`; CONTRIBUTING.md
says what it needs, docs/benchmark.md what came of it.

    names      which names are blocked, and which are asked for
    workload   the files of rules and queries made of them
    programs   what is started, watched and ended; the load generator
    servers    what a server is: how it starts, what it costs
    peers      the configs of the others; lull: ours; floor: the echo; upstream: whom they all ask
    cost, capacity, reload, clients, growth    the parts of a run, each measured on one server that is running
    run        the rounds
    results    what was measured, as JSON; machine: where
    budget, tables, svg, charts, report        the report, made from the JSON alone
"""
