"""Tags: contract, section 6."""

from __future__ import annotations

from tests.support import Api, fields_of


def test_a_new_tag_is_shown_with_its_name_and_color(ann: Api) -> None:
    response = ann.post("/api/v2/tag", name="  urgent ", color="red")
    assert response.status_code == 201
    assert response.json["msg"] == "todo added sucessfully"
    tag = response.json["tag"]
    assert list(tag) == ["id", "name", "color"]
    assert (tag["name"], tag["color"]) == ("urgent", "red")
    assert ann.get("/api/v2/tag").json["tags"] == [{**tag, "_count": {"todos": 0}}]


def test_a_tag_name_is_refused_when_it_is_taken(ann: Api, ben: Api) -> None:
    ann.tag("urgent")
    assert fields_of(ann.post("/api/v2/tag", name="urgent ")) == [["name"]]
    ben.tag("urgent")
