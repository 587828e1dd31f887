//! Pictures on pages: a record's, made small; and a visitor's own photograph, looked at and forgotten.

use std::{io::Cursor, time::Instant};

use image::{ImageFormat, RgbImage, imageops::thumbnail};
use oxigraph::model::NamedNode;

use super::{
    Shown, ours,
    words::{concept_link, path_to},
};
use crate::{
    images::{Picture, Pictures, decode},
    rdf::RecordKey,
    records::RecordView,
    serve::{
        PictureBytes, SourceError, Visitor,
        pages::{Certainty, LookView, PredictionView},
    },
    tagging::{FacetPredictions, Prediction},
};

/// The longer side of what is shown of a photograph, in pixels.
const PREVIEW: u32 = 480;

impl Shown {
    /// The web resource that a record's page shows.
    pub(super) fn web_resource(&self, key: &RecordKey) -> Result<Option<NamedNode>, SourceError> {
        let Some(listed) = self.store().index().record(key).map_err(ours)? else { return Ok(None) };
        let triples = self.store().triples(&self.store().base().source_graph(key)).map_err(ours)?;
        let cho = NamedNode::new_unchecked(&listed.cho);
        Ok(RecordView::new(cho.as_ref(), &triples).best_web_resource().map(|r| r.iri.into_owned()))
    }

    /// The pictures that are kept: opened once, and asked for each that is shown.
    fn pictures(&self) -> Result<&Pictures, SourceError> {
        if let Some(open) = self.pictures.get() {
            return Ok(open);
        }
        let opened = self.house.kept_pictures().map_err(ours)?;
        Ok(self.pictures.get_or_init(|| opened))
    }

    pub(super) fn has_picture(&self, key: &RecordKey) -> Result<bool, SourceError> {
        let Some(iri) = self.web_resource(key)? else { return Ok(false) };
        Ok(self.pictures()?.holds(iri.as_str()))
    }

    /// A record's picture, as we have it; the network is never asked for a visitor.
    pub(super) fn small_picture(&self, key: &RecordKey, longest_side: u32) -> Result<PictureBytes, SourceError> {
        let missing = || SourceError::NotFound("we have no picture of this record".to_owned());
        let iri = self.web_resource(key)?.ok_or_else(missing)?;
        let kept = self.pictures()?.cached(iri.as_str()).ok_or_else(missing)?;
        let picture = decode(&kept.bytes, &self.house.settings.images.limits).map_err(|e| SourceError::Unusable(e.to_string()))?;
        Ok(PictureBytes { media_type: "image/jpeg".to_owned(), bytes: shrunk(&picture, longest_side)?.into(), checksum: kept.checksum })
    }

    pub(super) fn look_view(&self, visitor: &Visitor, photograph: &bytes::Bytes) -> Result<LookView, SourceError> {
        let began = Instant::now();
        let looked = self.looker.look(photograph).map_err(|error| match error.downcast_ref::<crate::images::ImagesError>() {
            Some(unusable) => SourceError::Unusable(unusable.to_string()),
            None => ours(error),
        })?;
        let preview = shrunk(&looked.picture, PREVIEW)?;
        let mut predictions = Vec::new();
        for FacetPredictions { facet, predictions: seen, .. } in &looked.facets {
            for prediction in seen {
                predictions.push(self.prediction_view(visitor, facet, prediction)?);
            }
        }
        Ok(LookView {
            preview: format!("data:image/jpeg;base64,{}", base64(&preview)),
            predictions,
            tagger: format!("{} {}", looked.tagger.title, looked.tagger.version),
            tagger_status: looked.tagger.status,
            milliseconds: began.elapsed().as_millis() as u64,
        })
    }

    fn prediction_view(&self, visitor: &Visitor, facet: &str, prediction: &Prediction) -> Result<PredictionView, SourceError> {
        let vocabularies = self.vocabularies()?;
        let certainty = match prediction.confidence {
            Some(confidence) => Certainty::Confidence(confidence.value()),
            None => Certainty::Score { value: prediction.score, kind: format!("{:?}", prediction.kind).to_lowercase() },
        };
        Ok(PredictionView {
            concept: concept_link(&vocabularies, visitor, prediction.concept.as_str())?,
            certainty,
            facet: facet.to_owned(),
            path: path_to(&vocabularies, visitor, prediction.concept.as_str())?,
            model_label: prediction.label.clone(),
        })
    }
}

/// The picture no larger than this, as JPEG.
fn shrunk(picture: &Picture, longest_side: u32) -> Result<Vec<u8>, SourceError> {
    let missing = || SourceError::Unusable("the picture cannot be made small".to_owned());
    let whole = RgbImage::from_raw(picture.width, picture.height, picture.rgb.clone()).ok_or_else(missing)?;
    let longest = picture.width.max(picture.height).max(1);
    let scale = f64::from(longest_side.min(longest)) / f64::from(longest);
    let side = |pixels: u32| ((f64::from(pixels) * scale).round() as u32).max(1);
    let small = thumbnail(&whole, side(picture.width), side(picture.height));
    let mut bytes = Vec::new();
    small.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg).map_err(ours)?;
    Ok(bytes)
}

/// RFC 4648, for a `data:` address.
fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
