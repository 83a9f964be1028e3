from inspect import isclass, isfunction

import ingest


def test_the_face_lists_what_it_offers() -> None:
    assert ingest.__all__ == sorted(ingest.__all__)
    offered = {name for name, one in vars(ingest).items() if isclass(one) or isfunction(one)}
    offered |= {name for name in vars(ingest) if name[0].isupper()}
    assert offered == set(ingest.__all__)
