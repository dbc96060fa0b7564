/* Structured reports and key object selections: rows of a content tree into DCMTK's raw tree, which checks each against
   PS3.3 A.35, and from there into a data set. */
#include "guard.h"
#include "out.h"

#include <memory>
#include <vector>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmsr/dsrdoc.h"

namespace
{
/* What a document brings into the data set; all else (patient, study, series, UIDs, times) is not its business. */
const DcmTagKey document_elements[] = {
    DCM_CodingSchemeIdentificationSequence,
    DCM_ReferencedPerformedProcedureStepSequence,
    DCM_ValueType,
    DCM_ConceptNameCodeSequence,
    DCM_ContinuityOfContent,
    DCM_PredecessorDocumentsSequence,
    DCM_PerformedProcedureCodeSequence,
    DCM_CurrentRequestedProcedureEvidenceSequence,
    DCM_CompletionFlag,
    DCM_VerificationFlag,
    DCM_PreliminaryFlag,
    DCM_ContentTemplateSequence,
    DCM_ContentSequence,
};

const DSRTypes::E_RelationshipType relations[] = {
    DSRTypes::RT_isRoot,        DSRTypes::RT_contains,      DSRTypes::RT_hasConceptMod, DSRTypes::RT_hasObsContext,
    DSRTypes::RT_hasAcqContext, DSRTypes::RT_hasProperties, DSRTypes::RT_inferredFrom,  DSRTypes::RT_selectedFrom,
};

const DSRTypes::E_ValueType types[] = {
    DSRTypes::VT_Container, DSRTypes::VT_Code,   DSRTypes::VT_Text,  DSRTypes::VT_Num,       DSRTypes::VT_UIDRef,
    DSRTypes::VT_Date,      DSRTypes::VT_SCoord, DSRTypes::VT_Image, DSRTypes::VT_Composite,
};

DSRCodedEntryValue coded(const rs_dicom_code *code)
{
    return DSRCodedEntryValue(code->value, code->scheme, code->meaning);
}

OFCondition set_points(DSRContentItem &item, const rs_sr_item &row)
{
    DSRSpatialCoordinatesValue value(DSRTypes::GT_Polyline);
    for (int p = 0; p < row.n_points; p++)
        value.getGraphicDataList().addItem(static_cast<Float32>(row.points[p][0]),
                                           static_cast<Float32>(row.points[p][1]));
    return item.setSpatialCoordinates(value);
}

/* UIDs of the source are taken as they are: what is wrong in them must not part the report from its images. */
OFCondition set_image(DSRContentItem &item, const rs_sr_item &row)
{
    DSRImageReferenceValue value(row.sop_class_uid, row.sop_instance_uid, OFFalse);
    if (row.frame > 0) value.getFrameList().addItem(row.frame);
    if (row.segment > 0) value.getSegmentList().addItem(static_cast<Uint16>(row.segment));
    return item.setImageReference(value, OFFalse);
}

OFCondition set_value(DSRContentItem &item, const rs_sr_item &row)
{
    switch (row.type) {
    case RS_SR_CONTAINER:
        if (row.template_id) {
            const OFCondition condition = item.setTemplateIdentification(row.template_id, "DCMR");
            if (condition.bad()) return condition;
        }
        return item.setContinuityOfContent(DSRTypes::COC_Separate);
    case RS_SR_CODE:
        return item.setCodeValue(coded(row.code));
    case RS_SR_NUM:
        return item.setNumericValue(DSRNumericMeasurementValue(row.text, coded(row.code)));
    case RS_SR_SCOORD:
        return set_points(item, row);
    case RS_SR_IMAGE:
        return set_image(item, row);
    case RS_SR_COMPOSITE:
        return item.setCompositeReference(DSRCompositeReferenceValue(row.sop_class_uid, row.sop_instance_uid, OFFalse),
                                          OFFalse);
    case RS_SR_UIDREF:
        return item.setStringValue(row.text, OFFalse);
    default:
        return item.setStringValue(row.text);
    }
}

rs_status refused(rs_context *ctx, int row, const rs_sr_item &item, const char *why)
{
    return rs_fail(ctx, RS_DEFECT, "row %d (%s) of a structured report cannot be set: %s", row,
                   item.name ? item.name->meaning : "no name", why);
}

bool is_complete(const rs_sr_item &row)
{
    if (row.type == RS_SR_CODE) return row.code;
    if (row.type == RS_SR_NUM) return row.code && row.text;
    if (row.type == RS_SR_SCOORD) return row.points && row.n_points > 0;
    if (row.type == RS_SR_IMAGE || row.type == RS_SR_COMPOSITE) return row.sop_class_uid && row.sop_instance_uid;
    return row.type == RS_SR_CONTAINER || (row.text && *row.text);
}

rs_status add_rows(rs_context *ctx, DSRDocumentTree &tree, const rs_sr_document &document)
{
    int level = -1;
    for (int i = 0; i < document.n_items; i++) {
        const rs_sr_item &row = document.items[i];
        if (row.level > level + 1 || (row.level == 0) != (i == 0)) return refused(ctx, i, row, "it has no parent");
        if (!is_complete(row)) return refused(ctx, i, row, "it has no value");
        const DSRTypes::E_AddMode mode = row.level > level ? DSRTypes::AM_belowCurrent : DSRTypes::AM_afterCurrent;
        for (; level > row.level; level--)
            tree.goUp();
        level = row.level;
        if (tree.addContentItem(relations[row.relation], types[row.type], mode) == 0)
            return refused(ctx, i, row, "no such relation is allowed there");
        DSRContentItem &item = tree.getCurrentContentItem();
        OFCondition condition = row.name ? item.setConceptName(coded(row.name)) : EC_Normal;
        if (condition.good()) condition = set_value(item, row);
        if (condition.bad()) return refused(ctx, i, row, condition.text());
    }
    return RS_OK;
}

OFCondition add_references(DSRSOPInstanceReferenceList &list, const rs_sr_reference *references, int n)
{
    OFCondition condition = EC_Normal;
    for (int r = 0; r < n && condition.good(); r++) {
        const rs_sr_reference &one = references[r];
        condition = list.addItem(one.study_uid, one.series_uid, one.sop_class_uid, one.sop_instance_uid, OFFalse);
    }
    return condition;
}

OFCondition add_scheme(DSRDocument &document, const rs_sr_scheme &scheme)
{
    if (!scheme.designator) return EC_Normal;
    DSRCodingSchemeIdentificationList &list = document.getCodingSchemeIdentification();
    OFCondition condition = list.addItem(scheme.designator);
    if (condition.good()) condition = list.setCodingSchemeName(scheme.name);
    if (condition.good()) condition = list.setCodingSchemeResponsibleOrganization(scheme.organization);
    return condition;
}

OFCondition move_elements(DcmItem &from, DcmItem &to)
{
    for (const DcmTagKey &key : document_elements) {
        std::unique_ptr<DcmElement> element(from.remove(key));
        if (!element) continue;
        const OFCondition condition = to.insert(element.get(), OFTrue);
        if (condition.bad()) return condition;
        element.release();
    }
    return EC_Normal;
}

rs_status write(rs_context *ctx, rs_dicom_out *out, const rs_sr_document &from)
{
    DSRDocument document;
    OFCondition condition = document.createNewDocument(from.key_objects ? DSRTypes::DT_KeyObjectSelectionDocument
                                                                        : DSRTypes::DT_ComprehensiveSR);
    if (condition.bad()) return rs_fail(ctx, RS_DEFECT, "a document cannot be begun: %s", condition.text());
    RS_TRY(add_rows(ctx, document.getTree(), from));
    condition = add_scheme(document, from.scheme);
    if (condition.good())
        condition = add_references(document.getCurrentRequestedProcedureEvidence(), from.evidence, from.n_evidence);
    if (condition.good())
        condition = add_references(document.getPredecessorDocuments(), from.predecessors, from.n_predecessors);
    if (condition.good() && !from.key_objects) condition = document.setPreliminaryFlag(DSRTypes::PF_Preliminary);
    if (condition.good() && !from.key_objects) condition = document.completeDocument();
    DcmDataset whole;
    if (condition.good()) condition = document.write(whole);
    if (condition.good()) condition = move_elements(whole, rs_dicom_out_dataset(out));
    if (condition == EC_MemoryExhausted) return rs_fail_memory(ctx, "a DICOM object");
    if (condition.bad()) return rs_fail(ctx, RS_DEFECT, "a document cannot be written: %s", condition.text());
    return RS_OK;
}
} // namespace

extern "C" rs_status rs_dicom_out_document(rs_context *ctx, rs_dicom_out *out, const rs_sr_document *document)
{
    return guarded(ctx, [&] { return write(ctx, out, *document); });
}
