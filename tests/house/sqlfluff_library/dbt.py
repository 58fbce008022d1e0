"""What sqlfluff puts for the cross-database macros of dbt, so that it lints a model without a database or a project."""


def __getattr__(name: str) -> object:
    """Any macro of the `dbt` namespace, as a call of a SQL function of the same name."""
    if name.startswith("_"):
        raise AttributeError(name)
    return lambda *arguments: f"{name}({', '.join(str(argument) for argument in arguments)})"
