"""How good recommendations are: ours beside the field's usual models, on listening that no model has seen."""
