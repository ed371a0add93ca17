"""What a model card and a data sheet ask. Light: parameters are checked against it.

Sources: Mitchell et al., "Model cards for model reporting", FAT* 2019, section 4; Gebru et al.,
"Datasheets for datasets", Communications of the ACM 64 (12), 2021, section 3; both shortened.
"""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """One line of a document.

    Attributes:
        section: heading that it stands under.
        key: name under which a user answers it.
        text: what is asked.
    """

    section: str
    key: str
    text: str


MODEL_CARD = tuple(
    Question(section, key, text)
    for section, lines in {
        "Model details": {
            "name": "Which model is this",
            "developers": "Who developed it",
            "date": "When was it developed",
            "version": "Which version is it",
            "kind": "What kind of model is it",
            "training": "How was it trained",
            "citation": "Where is more to read, how is it cited",
            "licence": "Under which licence may it be used",
            "contact": "Where do questions go",
        },
        "Intended use": {
            "intended_uses": "What is it meant for",
            "intended_users": "Who is meant to use it",
            "out_of_scope_uses": "What is it not meant for",
        },
        "Factors": {
            "relevant_factors": "Which groups, instruments and surroundings may matter",
            "evaluation_factors": "Which of them were looked at",
        },
        "Metrics": {
            "measures": "Which measures were taken, and why",
            "thresholds": "Which thresholds decide",
            "variation": "How was their variation estimated",
        },
        "Evaluation data": {
            "evaluation_data": "Which items was it evaluated on",
            "evaluation_motivation": "Why these",
            "preprocessing": "How were they preprocessed",
        },
        "Training data": {
            "training_data": "Which items was it trained on",
        },
        "Quantitative analyses": {
            "results": "What did it reach",
            "results_by_factor": "What did it reach for each factor",
        },
        "Ethical considerations": {
            "sensitive_data": "Does it use sensitive data",
            "human_life": "Is it meant to inform decisions on life and health",
            "mitigations": "What was done against risks",
            "risks": "Which risks and harms remain",
        },
        "Caveats and recommendations": {
            "caveats": "What else should be known",
            "recommendations": "What should be done before it is used",
        },
    }.items()
    for key, text in lines.items()
)

DATA_SHEET = tuple(
    Question(section, key, text)
    for section, lines in {
        "Motivation": {
            "purpose": "For what purpose was the data set made",
            "creators": "Who made it",
            "funding": "Who paid for it",
        },
        "Composition": {
            "instances": "What are its items",
            "count": "How many are there",
            "sample": "Are they all there are, or a sample",
            "content": "What does an item consist of",
            "labels": "What are the labels",
            "missing": "Is anything missing from items",
            "relations": "Which items belong together",
            "splits": "How is it divided into training, validation and test",
            "errors": "Which errors, noise and copies were found",
            "self_contained": "Does it rely on anything outside",
            "confidential": "Does it hold anything confidential",
            "people": "Does it concern people, and can they be identified",
        },
        "Collection": {
            "acquisition": "How were the items acquired",
            "sources": "Where do they come from",
            "collectors": "Who collected them",
            "time_frame": "Over which time",
            "ethical_review": "Was there an ethical review",
            "consent": "Were the people concerned told, did they consent",
        },
        "Preprocessing, cleaning, labelling": {
            "preprocessing": "What was done to the items",
            "excluded": "What was left out, and why",
            "raw": "Are the raw items kept",
            "labelling": "Who labelled them, and how",
        },
        "Uses": {
            "used_for": "What has it been used for",
            "impact": "Does its composition limit its future uses",
            "not_for": "What should it not be used for",
        },
        "Distribution": {
            "distribution": "Who may have it, and how",
            "licence": "Under which licence",
        },
        "Maintenance": {
            "maintainer": "Who looks after it",
            "updates": "Will it be updated",
            "identity": "By what is this version known",
        },
    }.items()
    for key, text in lines.items()
)
