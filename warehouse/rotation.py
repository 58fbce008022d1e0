"""A new key for a centre: its identity file is encrypted again, and no pseudonym changes.

The order survives a kill at any step. With key files: the new key is written to `<centre>.key.next`; the identity file
is replaced by one under the new key; the new key takes the place of the old one. Until the second step the old key
holds, from then on the new one does, and whoever opens the file finds it in either place.
"""

from models.errors import ConfigError
from warehouse.engine import Progress
from warehouse.files import fsync
from warehouse.home import Home
from warehouse.identity import Identity, open_identity
from warehouse.identity_file import identity_path
from warehouse.keys import (
    CentreKey,
    key_file,
    key_in_environment,
    key_variable,
    new_key_variable,
    next_key_file,
    write_key,
    write_new_key,
)


def rotate_key(home: Home, centre_id: str, progress: Progress) -> None:
    """Gives a centre a new key: that of ONCOMART_NEW_KEY_<CENTRE>, or a new one in the key file.

    The caller holds the home's lock.

    Raises:
        ConfigError: the centre has no identity file here, it does not open, or there is no new key to take.
    """
    known = sorted(path.stem for path in home.identity.glob("*.identity"))
    if centre_id not in known:
        raise ConfigError(
            f"Centre {centre_id} has no identity file under {home.identity}, so there is no key to change. "
            f"Centres that have one: {', '.join(known) or 'none'}."
        )
    identity = open_identity(home, centre_id)
    finish_rotation(identity)
    given = key_in_environment(new_key_variable(centre_id))
    if given is not None and given.secret == identity.key.secret:
        raise ConfigError(f"Centre {centre_id}: {new_key_variable(centre_id)} holds the old key. Give it a new one.")
    if identity.key.place == key_variable(centre_id):
        _rotate_in_environment(identity, given, progress)
    else:
        _rotate_in_file(identity, given, progress)


def finish_rotation(identity: Identity) -> None:
    """Ends a rotation that was killed: the key that opens the identity file is the only one left.

    The caller holds the home's lock.
    """
    home, centre_id = identity.home, identity.header.centre_id
    waiting = next_key_file(home, centre_id)
    if not waiting.exists():
        return
    if identity.key.place == str(waiting):
        waiting.replace(key_file(home, centre_id))
    else:
        waiting.unlink()
    fsync(home.keys)


def _rotate_in_file(identity: Identity, given: CentreKey | None, progress: Progress) -> None:
    home, centre_id = identity.home, identity.header.centre_id
    waiting = next_key_file(home, centre_id)
    fresh = write_new_key(waiting) if given is None else write_key(waiting, given)
    rotated = identity.under(fresh)
    rotated.save()
    finish_rotation(rotated)
    progress(f"Centre {centre_id}: {key_file(home, centre_id)} holds the new key. {_what_to_keep(identity)}")


def _rotate_in_environment(identity: Identity, given: CentreKey | None, progress: Progress) -> None:
    centre_id = identity.header.centre_id
    variable, fresh = key_variable(centre_id), new_key_variable(centre_id)
    if given is None:
        raise ConfigError(
            f"Centre {centre_id}: its key comes from {variable}. Put a new one into {fresh} "
            "(openssl rand -hex 32 makes one) and run this again."
        )
    identity.under(given).save()
    progress(
        f"Centre {centre_id}: set {variable} to the value of {fresh} now, and unset {fresh}. {_what_to_keep(identity)}"
    )


def _what_to_keep(identity: Identity) -> str:
    return (
        "The old key opens nothing here any more, and no pseudonym has changed. "
        f"Back up the new key and {identity_path(identity.home, identity.header.centre_id)}; "
        "destroy older copies of both."
    )
