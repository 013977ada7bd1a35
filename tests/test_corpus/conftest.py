from small_wordnet import nltk_data, wordnet_folder  # noqa: F401
