import detect


def test_the_face_lists_what_it_holds_in_order() -> None:
    assert sorted(detect.__all__, key=lambda name: (not name.isupper(), name)) == detect.__all__
    for name in detect.__all__:
        assert hasattr(detect, name)
